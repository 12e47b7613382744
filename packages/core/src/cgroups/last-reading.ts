import { readFileSync } from 'node:fs';
import type { Cgroup } from './cgroup.ts';
import { flatValue } from './events.ts';
import { CgroupSampler } from './sampler.ts';
import type { CgroupReading } from './reading.ts';

/** What an exit record keeps of a cgroup beside its counters. Null: this host does not tell. */
export interface LastReading {
  reading: CgroupReading;
  memoryPeakBytes: number | null;
  /** Processes of it, or below it, that the OOM killer ended. */
  oomKills: number | null;
}

/** To be taken when the cgroup is empty and before it is removed: the counters cannot change any more. */
export function readLast(cgroup: Cgroup): LastReading | null {
  using sampler = new CgroupSampler(cgroup.layout);
  const sampled = sampler.add(cgroup.path);
  sampler.read();
  const { reading } = sampled;
  if (reading === null) return null;
  const v2 = cgroup.hierarchy('memory')?.version === 2;
  const peak = textOf(cgroup.file('memory', v2 ? 'memory.peak' : 'memory.max_usage_in_bytes'));
  const oom = textOf(cgroup.file('memory', v2 ? 'memory.events' : 'memory.oom_control'));
  return {
    reading: { ...reading },
    memoryPeakBytes: peak === null ? null : Number(peak),
    oomKills: oom === null ? null : Number(flatValue(oom.trimEnd(), 'oom_kill') ?? 0),
  };
}

function textOf(file: string | null): string | null {
  try {
    return file === null ? null : readFileSync(file, 'latin1');
  } catch {
    return null;
  }
}
