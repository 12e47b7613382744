import { type Cgroup, isZombie, processesBelow, processStartTime, readLast } from '@plimsoll/core';
import type { StartEntry } from './journal-entry.ts';
import type { RuntimeState } from './store.ts';

/**
 * What became of a start whose supervisor was killed before it noted the process. What a zygote had cloned by then goes on to
 * exec by itself, and has by the time that the next supervisor begins: it waits until nobody holds the socket of the one before.
 *
 * Undefined: no process of it ran, since its cgroup has used no cpu time; the command was not executed. Null: it ran, and has ended, or
 * the host was restarted.
 */
export function findLostStart(
  cgroup: Cgroup,
  bootId: string,
  { incarnation, at, boot }: StartEntry,
): RuntimeState | null | undefined {
  // Cgroups do not outlive a boot. An entry of an older version does not say of which it is.
  if (boot !== bootId) return null;
  const first = firstProcess(cgroup);
  if (first !== null) {
    return { bootId, incarnation, ...first, startedAt: at, startedMonotonicNs: null, frozenAt: null };
  }
  const used = readLast(cgroup)?.reading.cpuUsageNs ?? 0n;
  return used > 0n ? null : undefined;
}

/** Of the processes in the cgroup the one that started first, whose children the others are. */
function firstProcess(cgroup: Cgroup): { pid: number; startTime: string } | null {
  const pids = new Set(cgroup.mounts.flatMap((mount) => processesBelow(mount, cgroup.path)));
  const processes = [...pids].flatMap((pid) => {
    const startTime = pid > 0 && !isZombie(pid) ? processStartTime(pid) : null;
    return startTime === null ? [] : [{ pid, startTime }];
  });
  const [first = null] = processes.toSorted((a, b) => Number(a.startTime) - Number(b.startTime) || a.pid - b.pid);
  return first;
}
