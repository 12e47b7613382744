import type { Cgroup } from './cgroup.ts';
import type { CgroupLayout } from './layout.ts';
import { PassingFiles } from './passing-files.ts';
import { emptyReading, type CgroupReading } from './reading.ts';
import { lastSources } from './sources.ts';
import { Tier } from './tier.ts';

/** What an exit record keeps of a cgroup. Null: this host does not tell. */
export interface LastReading {
  reading: CgroupReading & { cpuUsageNs: bigint };
  memoryPeakBytes: number | null;
  /** Processes of it, or below it, that the OOM killer ended. */
  oomKills: number | null;
}

const readers = new WeakMap<CgroupLayout, PassingFiles>();

/** To be taken when the cgroup is empty and before it is removed: the counters cannot change any more. Null: it is gone. */
export function readLast({ layout, path }: Cgroup): LastReading | null {
  let reader = readers.get(layout);
  if (reader === undefined) {
    reader = new PassingFiles(new Tier(lastSources(layout), (reading, atNs) => (reading.atNs = atNs)));
    readers.set(layout, reader);
  }
  const reading = emptyReading();
  reader.read({ path, pid: null, lacksFirst: false }, reading);
  const { cpuUsageNs, memoryPeakBytes, oomKills } = reading;
  if (cpuUsageNs === null) return null;
  return { reading: { ...reading, cpuUsageNs }, memoryPeakBytes: orNull(memoryPeakBytes), oomKills: orNull(oomKills) };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
