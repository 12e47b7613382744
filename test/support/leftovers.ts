import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepersOf } from './keepers.ts';
import { clearCgroups, sleep } from './named-cgroups.ts';
import { SLOWNESS } from './slowness.ts';

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
  apparmor: removeProfile,
};
/** What this process's fixtures give as names; a list that has another one is not ours. */
const ENTRY = /^(cgroup|link|apparmor) ([\w][\w.-]*)$/;
const APPARMOR_REMOVE = '/sys/kernel/security/apparmor/.remove';
const END_DEADLINE_MS = 5000 * SLOWNESS;
const LOOK_AGAIN_MS = 5;

let own: string | null = null;

/** This process's directory, made at the first call; from then on it is the one for temporary files, here and in children. */
export function ownDirectory(): string {
  if (own !== null) return own;
  own = join(tmpdir(), `plim-${process.pid}-${statOf(process.pid)[19]}`);
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
  try {
    removeOwn();
  } finally {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
}

/** Lists what is about to be made outside of this process's directory. */
export function listLeftover(kind: Kind, name: string): void {
  appendFileSync(join(ownDirectory(), LIST), `${kind} ${name}\n`);
}

/** Removes the leftovers of processes that have ended. */
export function removeLeftoversOfOthers(base = tmpdir()): void {
  for (const name of readdirSync(base)) {
    const { pid, startTime } = NAME.exec(name)?.groups ?? {};
    // Anybody may make a directory in /tmp: only our own user's is believed.
    if (pid === undefined || lstatIfThere(join(base, name))?.uid !== process.getuid?.()) continue;
    if (!isAlive(Number(pid), startTime)) removeLeftovers(join(base, name));
  }
}

/** Ends the processes of an owner and removes all that it made. Synchronous, for the end of this process. */
function removeLeftovers(directory: string): void {
  endAll(processesOf(directory));
  // They have no environment, and outlive their supervisors.
  endAll(keepersOf(directory));
  // A test that ends test processes has theirs below its own.
  for (const name of entriesOf(directory)) {
    if (NAME.test(name)) removeLeftovers(join(directory, name));
  }
  for (const line of readIfThere(join(directory, LIST)).split('\n').filter(Boolean)) reporting(line, () => removeListed(line));
  for (const path of mountsBelow(directory)) quietly('umount', '--lazy', path);
  reporting(directory, () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
}

function removeListed(line: string): void {
  const [, kind, name = ''] = ENTRY.exec(line) ?? [];
  if (kind === undefined) throw new Error('this is no entry of a list of leftovers');
  REMOVE[kind as Kind](name);
}

/** As apparmor_parser does it. */
function removeProfile(name: string): void {
  try {
    if (existsSync(APPARMOR_REMOVE)) writeFileSync(APPARMOR_REMOVE, name);
  } catch (error) {
    // The test removed it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** What cannot be removed stays, and is reported; the rest is removed. */
function reporting(what: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    process.stderr.write(`leftover ${what} cannot be removed: ${String(error)}\n`);
  }
}

export function endAll(pids: readonly number[]): void {
  for (const pid of pids) kill(pid);
  const alive = () => pids.some((pid) => isAlive(pid));
  for (const end = performance.now() + END_DEADLINE_MS; alive() && performance.now() < end;) sleep(LOOK_AGAIN_MS);
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

/** Whether there is such a process that is no zombie; with its start time, since a pid is given again (proc_pid_stat(5), fields 3, 22). */
function isAlive(pid: number, startTime?: string): boolean {
  const fields = statOf(pid);
  return fields.length > 0 && fields[0] !== 'Z' && (startTime === undefined || fields[19] === startTime);
}

/** From field 3 on. Empty: there is no such process. */
function statOf(pid: number): string[] {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function lstatIfThere(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
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
