import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isOfEnded, commandName, hierarchiesOf, processesBelow, statFields, type CgroupLayout } from '@plimsoll/core';
import {
  MOST_PROCESSES,
  PlimsollError,
  type ContainerProcess,
  type ContainerProcesses,
  type ContainerView,
  type IdMapRow,
} from '@plimsoll/protocol';
import { idInside, idMapOf } from '../isolation/id-map.ts';
import { parseStatus } from '../isolation/status.ts';
import { commandLine } from './processes.ts';

const AT_ONCE = 32;
/** Of the times in /proc/<pid>/stat, on every x86-64 (USER_HZ, include/asm-generic/param.h). */
const TICK_MS = 10;
const TICK_NS = 10_000_000n;
const PAGE_BYTES = 4096;

/** Those in its cgroup and below it. Throws `wrong-state` where it does not run. */
export async function processesOf(layout: CgroupLayout, { name, state, cgroup }: ContainerView): Promise<ContainerProcesses> {
  if (!('pid' in state)) {
    throw new PlimsollError('wrong-state', `container "${name}" has no processes: it is ${state.status}`, { hint: 'Start it.' });
  }
  try {
    const uidMap = await idMapOf(state.pid, 'uid');
    const pids = membersOf(layout, cgroup);
    const processes: ContainerProcess[] = [];
    for (let i = 0; i < Math.min(pids.length, MOST_PROCESSES); i += AT_ONCE) {
      const batch = pids.slice(i, Math.min(i + AT_ONCE, MOST_PROCESSES));
      const found = await Promise.all(batch.map((pid) => describe(pid, uidMap)));
      processes.push(...found.filter((process) => process !== null));
    }
    if (processes.length > 0) return { processes, total: pids.length };
  } catch (error) {
    if (!isOfEnded(error)) throw error;
  }
  throw new PlimsollError('wrong-state', `container "${name}" has just ended`);
}

/** Its processes, by pid. They are in every hierarchy from their start, so one hierarchy lists them all. */
function membersOf(layout: CgroupLayout, cgroup: string): number[] {
  const [hierarchy] = hierarchiesOf(layout);
  const pids = hierarchy === undefined ? [] : processesBelow(hierarchy.mount, cgroup);
  // 0: one that this pid namespace does not show.
  return pids.filter((pid) => pid !== 0).toSorted((a, b) => a - b);
}

/** Null: it has ended meanwhile. */
async function describe(pid: number, uidMap: readonly IdMapRow[]): Promise<ContainerProcess | null> {
  try {
    const { pids, uid } = parseStatus(await readFile(`/proc/${pid}/status`, 'utf8'));
    const [name, command] = [commandName(pid), await commandLine(pid)];
    const stat = statFields(pid);
    if (name === null || stat === null) return null;
    // proc_pid_stat(5): of each field its number there less three.
    const ticks = (field: number): number => Number(stat[field - 3] ?? 0);
    return {
      pid,
      ppid: ticks(4),
      containerPid: pids.at(-1) ?? pid,
      uid,
      containerUid: idInside(uidMap, uid),
      state: stat[0] ?? '?',
      startedAt: new Date(bootedAtMs() + ticks(22) * TICK_MS).toISOString(),
      cpuNs: String(BigInt(ticks(14) + ticks(15)) * TICK_NS),
      rssBytes: ticks(24) * PAGE_BYTES,
      name,
      command,
    };
  } catch (error) {
    if (isOfEnded(error)) return null;
    throw error;
  }
}

/** From when on start times are counted (proc_uptime(5)). Both clocks are read at once. */
function bootedAtMs(): number {
  return Date.now() - Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1000;
}
