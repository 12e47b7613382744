import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearCgroups } from './named-cgroups.ts';

/**
 * What a test makes on this machine must go when its process is ended by a signal, and at the latest with the next run. So each
 * process that runs tests owns one directory, named after its pid and start time. All temporary files lie in it, all processes
 * have its name in their environment, and what lies elsewhere is listed in it before it is made.
 */
const OWNER = 'PLIMSOLL_TEST_OWNER';
const NAME = /^plim-(?<pid>\d+)-(?<startTime>\d+)$/;
const LIST = 'elsewhere';

type Kind = 'cgroup' | 'link' | 'apparmor';
const REMOVE: Record<Kind, (name: string) => void> = {
  cgroup: clearCgroups,
  link: (name) => quietly('ip', 'link', 'delete', name),
  // As apparmor_parser does it.
  apparmor: (name) => existsSync(APPARMOR_REMOVE) && writeFileSync(APPARMOR_REMOVE, name),
};
const APPARMOR_REMOVE = '/sys/kernel/security/apparmor/.remove';

let own: string | null = null;

/** This process's directory, made at the first call; from then on it is the one for temporary files, here and in children. */
export function ownDirectory(): string {
  if (own !== null) return own;
  own = join(tmpdir(), `plim-${process.pid}-${startTimeOf(process.pid)}`);
  mkdirSync(own);
  // Containers' users and the web process's user pass through.
  chmodSync(own, 0o755);
  Object.assign(process.env, { TMPDIR: own, [OWNER]: own });
  process.once('exit', removeOwn);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => endBy(signal));
  return own;
}

function removeOwn(): void {
  if (own !== null) removeLeftovers(own);
  own = null;
}

/** As if nobody had listened. vitest lets no test process call process.exit. */
function endBy(signal: NodeJS.Signals): void {
  removeOwn();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Lists what is about to be made outside of this process's directory. */
export function listLeftover(kind: Kind, name: string): void {
  appendFileSync(join(ownDirectory(), LIST), `${kind} ${name}\n`);
}

/** Removes what processes that are gone have left. */
export function removeLeftoversOfOthers(base = tmpdir()): void {
  for (const name of readdirSync(base)) {
    const { pid, startTime } = NAME.exec(name)?.groups ?? {};
    if (pid !== undefined && startTimeOf(Number(pid)) !== startTime) removeLeftovers(join(base, name));
  }
}

/** Ends the processes of an owner and removes all that it made. Synchronous, for the end of this process. */
function removeLeftovers(directory: string): void {
  for (const pid of processesOf(directory)) kill(pid);
  const list = join(directory, LIST);
  const lines = existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n').filter(Boolean) : [];
  for (const line of lines) {
    const [kind, name] = line.split(' ') as [Kind, string];
    REMOVE[kind](name);
  }
  for (const path of mountsBelow(directory)) quietly('umount', '--lazy', path);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** All that have the owner's directory in their environment. Containers do not; they are in its cgroups. */
function processesOf(directory: string): number[] {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  return pids.filter((pid) => readIfThere(`/proc/${pid}/environ`).split('\0').includes(`${OWNER}=${directory}`));
}

/** The innermost first. */
function mountsBelow(directory: string): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point.startsWith(`${directory}/`)).toReversed();
}

/** In ticks since boot (proc_pid_stat(5), field 22); the same pid is given again, but not with the same time. Empty: no process. */
function startTimeOf(pid: number): string {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** It may be gone already. */
function quietly(command: string, ...args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
  } catch {}
}
