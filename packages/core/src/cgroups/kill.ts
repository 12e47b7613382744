import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLoop } from '../events/event-loop.ts';
import { logFault } from '../events/guarded.ts';
import { Cgroup } from './cgroup.ts';
import { CgroupTimeout, flatValue, untilEvents } from './events.ts';
import { freezeCgroup, thawCgroup } from './freeze.ts';

const DEADLINE_MS = 10_000;
/** After a kill that had no descriptor. */
const AGAIN_MS = 100;

/** Kills every process in the cgroup and below, and resolves when none is left. */
export async function killCgroup(loop: EventLoop, cgroup: Cgroup): Promise<void> {
  await sendKill(loop, cgroup);
  await untilEmpty(loop, cgroup);
}

/**
 * As killCgroup, for as long as it takes: a process that waits for a device (its io may be throttled) ends when that has answered, and
 * none before. What takes longer than the deadline is logged, and again each time it has taken twice as long.
 */
export async function killUntilEmpty(loop: EventLoop, cgroup: Cgroup, deadlineMs = DEADLINE_MS): Promise<void> {
  for (let kills = 1; ; kills++) {
    try {
      await sendKill(loop, cgroup);
      return await untilEmpty(loop, cgroup, deadlineMs);
    } catch (error) {
      if (isOfDescriptors(error)) await sleep(AGAIN_MS);
      else if (!(error instanceof CgroupTimeout)) throw error;
      const isPowerOfTwo = Number.isInteger(Math.log2(kills));
      if (isPowerOfTwo) logFault(`the processes of cgroup ${cgroup.path}, killed ${kills} times`, error);
    }
  }
}

/** This process, or the host, has as many open files as it may: others are closed meanwhile. */
function isOfDescriptors(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');
}

/**
 * The kill alone. cgroup.kill (Linux >= 5.14) takes what forks meanwhile too, frozen or not; before that, freeze first so
 * that nothing can fork away from the signals. Who waits for a disk does not freeze in time: it dies when it has waited.
 */
export async function sendKill(loop: EventLoop, cgroup: Cgroup): Promise<void> {
  try {
    await killNow(loop, cgroup);
  } catch (error) {
    // The cgroup is removed (ENOENT), or was while a file of it was open (ENODEV): nothing is left in it.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENODEV')) return;
    throw error;
  }
}

async function killNow(loop: EventLoop, cgroup: Cgroup): Promise<void> {
  const kill = cgroup.unifiedFile('cgroup.kill');
  if (kill !== null && existsSync(kill)) return writeFileSync(kill, '1');
  await freezeCgroup(loop, cgroup).catch((error: unknown) => {
    if (!(error instanceof CgroupTimeout)) throw error;
  });
  for (const pid of processesBelow(cgroup)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already: frozen processes cannot exit, but another's kill may have come before the freeze, or not all are frozen.
    }
  }
  await thawCgroup(loop, cgroup);
}

/** Resolves when no process is left in the cgroup or below it. */
export async function untilEmpty(loop: EventLoop, cgroup: Cgroup, deadlineMs = DEADLINE_MS): Promise<void> {
  const events = cgroup.unifiedFile('cgroup.events');
  if (events !== null) {
    return untilEvents(loop, events, (text) => text === null || flatValue(text, 'populated') === '0', deadlineMs);
  }
  for (const until = performance.now() + deadlineMs; performance.now() < until; await sleep(2)) {
    if (processesBelow(cgroup).length === 0) return;
  }
  throw new CgroupTimeout(`cgroup ${cgroup.path} still has processes after ${deadlineMs} ms`);
}

/** Process ids in this cgroup itself, as its cgroup.procs lists them. */
export function processesIn(cgroup: Cgroup): number[] {
  const file = procsFile(cgroup);
  if (file === null || !existsSync(file)) return [];
  return readFileSync(file, 'latin1').trim().split('\n').filter(Boolean).map(Number);
}

/** Those of the cgroups below it too. */
function processesBelow(cgroup: Cgroup): number[] {
  const directory = dirname(procsFile(cgroup) ?? '/none/none');
  if (!existsSync(directory)) return [];
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [
    ...processesIn(cgroup),
    ...children.flatMap(({ name }) => processesBelow(new Cgroup(cgroup.layout, `${cgroup.path}/${name}`))),
  ];
}

function procsFile(cgroup: Cgroup): string | null {
  return cgroup.unifiedFile('cgroup.procs') ?? cgroup.file('freezer', 'cgroup.procs') ?? cgroup.file('pids', 'cgroup.procs');
}
