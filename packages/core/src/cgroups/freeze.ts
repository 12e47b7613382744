import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLoop } from '../events/event-loop.ts';
import { Cgroup } from './cgroup.ts';
import { CgroupTimeout, flatValue, untilEvents } from './events.ts';

const DEADLINE_MS = 5_000;

/** Resolves when the kernel says that every process in the cgroup is frozen, and not merely asked to; or when the cgroup is gone. */
export async function freezeCgroup(loop: EventLoop, cgroup: Cgroup): Promise<void> {
  await setFrozen(loop, cgroup, true);
}

/** Resolves when the kernel says that it is frozen no more. A frozen ancestor still holds it (CgroupTimeout). */
export async function thawCgroup(loop: EventLoop, cgroup: Cgroup): Promise<void> {
  await setFrozen(loop, cgroup, false);
}

/** What the kernel says at this moment; false where the cgroup is gone. */
export function isFrozen(cgroup: Cgroup): boolean {
  const events = cgroup.unifiedFile('cgroup.events');
  try {
    if (events !== null) return flatValue(readFileSync(events, 'latin1'), 'frozen') === '1';
    const state = cgroup.file('freezer', 'freezer.state');
    return state !== null && readFileSync(state, 'latin1').trim() === 'FROZEN';
  } catch {
    return false;
  }
}

/** Whether a freeze of the cgroup itself was requested; a frozen ancestor holds it without that. */
export function isAskedToFreeze(cgroup: Cgroup): boolean {
  const file = cgroup.unifiedFile('cgroup.freeze') ?? cgroup.file('freezer', 'freezer.self_freezing');
  return file !== null && existsSync(file) && readFileSync(file, 'latin1').trim() === '1';
}

/** Whether a freeze of it, or of a cgroup that it is in, was requested: its processes are frozen, or about to be. False where the cgroup is gone. */
export function isHeldByFreeze(cgroup: Cgroup): boolean {
  if (cgroup.unifiedFile('cgroup.freeze') === null) return freezerState(cgroup) !== 'THAWED';
  return isFrozen(cgroup) || cgroup.lineage.some((path) => isAskedToFreeze(new Cgroup(cgroup.layout, path)));
}

/** Pure v1: FREEZING and FROZEN are the ancestors' doing as well. */
function freezerState(cgroup: Cgroup): string {
  const state = cgroup.file('freezer', 'freezer.state');
  try {
    return state === null ? 'THAWED' : readFileSync(state, 'latin1').trim();
  } catch {
    return 'THAWED';
  }
}

/** Takes back what was asked of it itself; it stays frozen as long as an ancestor is. */
export function releaseFreeze(cgroup: Cgroup): void {
  const freeze = cgroup.unifiedFile('cgroup.freeze');
  if (freeze !== null) return writeFileSync(freeze, '0');
  const state = cgroup.file('freezer', 'freezer.state');
  if (state !== null) writeFileSync(state, 'THAWED');
}

async function setFrozen(loop: EventLoop, cgroup: Cgroup, frozen: boolean): Promise<void> {
  const freeze = cgroup.unifiedFile('cgroup.freeze');
  const events = cgroup.unifiedFile('cgroup.events');
  if (freeze === null || events === null) return setFreezerState(cgroup, frozen);
  writeFileSync(freeze, frozen ? '1' : '0');
  try {
    await untilEvents(loop, events, (text) => text === null || flatValue(text, 'frozen') === (frozen ? '1' : '0'), DEADLINE_MS);
  } catch (error) {
    // Half frozen helps nobody: what could not be frozen runs on whole.
    if (frozen && error instanceof CgroupTimeout) writeFileSync(freeze, '0');
    throw error;
  }
}

/**
 * Pure v1. The freezer walks the tasks once and can miss what forks meanwhile (FREEZING stays): asking again makes it
 * walk again, and a short thaw between lets a task out of a state that cannot freeze. It has no notifications.
 */
async function setFreezerState(cgroup: Cgroup, frozen: boolean): Promise<void> {
  const file = cgroup.file('freezer', 'freezer.state');
  if (file === null) throw new Error('this host has neither a cgroup v2 tree nor the v1 freezer');
  const wanted = frozen ? 'FROZEN' : 'THAWED';
  for (let attempt = 1, until = performance.now() + DEADLINE_MS; performance.now() < until; attempt++) {
    writeFileSync(file, wanted);
    if (readFileSync(file, 'latin1').trim() === wanted) return;
    await sleep(1);
    if (attempt % 50 === 0) writeFileSync(file, 'THAWED');
  }
  writeFileSync(file, 'THAWED');
  throw new CgroupTimeout(`${file} did not say ${wanted} within ${DEADLINE_MS} ms`);
}
