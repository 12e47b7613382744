import { readFileSync } from 'node:fs';
import type { Cgroup } from '../cgroup.ts';
import { flatValue } from '../events.ts';

/** How often since the cgroup was made. 0 as well where this host does not count it. */
export interface EventCounts {
  /** Processes that the OOM killer ended: memory.events oom_kill; memory.oom_control on v1. */
  oomKills: number;
  /** It went past its soft limit: memory.events high; on v1 what was seen of it (soft-limit.ts). */
  memoryHigh: number;
  /** It was held at its memory limit: memory.events max; memory.failcnt on v1. */
  memoryMax: number;
  /** Forks refused at its limit: pids.events max. */
  pidsRefused: number;
}

/** Null: it is gone. */
export function readEventCounts(cgroup: Cgroup): EventCounts | null {
  try {
    return { ...memoryCounts(cgroup), pidsRefused: count(read(cgroup.file('pids', 'pids.events')), 'max') };
  } catch {
    return null;
  }
}

function memoryCounts(cgroup: Cgroup): Omit<EventCounts, 'pidsRefused'> {
  if (cgroup.hierarchy('memory')?.version === 2) {
    const events = read(cgroup.file('memory', 'memory.events'));
    return { oomKills: count(events, 'oom_kill'), memoryHigh: count(events, 'high'), memoryMax: count(events, 'max') };
  }
  return {
    oomKills: count(read(cgroup.file('memory', 'memory.oom_control')), 'oom_kill'),
    memoryHigh: 0,
    memoryMax: Number(read(cgroup.file('memory', 'memory.failcnt'))),
  };
}

function count(text: string, key: string): number {
  return Number(flatValue(text, key) ?? 0);
}

function read(path: string | null): string {
  return path === null ? '' : readFileSync(path, 'latin1').trim();
}
