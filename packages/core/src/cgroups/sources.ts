import type { CgroupLayout } from './layout.ts';
import { cpuSplit, cpuThrottling, cpuUsage } from './sources/cpu.ts';
import { io } from './sources/io.ts';
import { memoryDetail, memoryPeak, memoryUsage, oomKills } from './sources/memory.ts';
import { network } from './sources/network.ts';
import { pidsDetail, pidsUsage } from './sources/pids.ts';
import { pressure } from './sources/pressure.ts';
import type { Source } from './sources/source.ts';

/** The files of the base, the cpu counter first. */
export function baseSources(layout: CgroupLayout): Source[] {
  return [...cpuUsage(layout), ...memoryUsage(layout), ...memoryPeak(layout), ...io(layout), ...pidsUsage(layout)];
}

/** The files of the detail. */
export function detailSources(layout: CgroupLayout): Source[] {
  return [
    ...cpuSplit(layout),
    ...cpuThrottling(layout),
    ...memoryDetail(layout),
    ...pidsDetail(layout),
    ...pressure(layout),
    network,
  ];
}

/** What an exit record keeps, the cpu counter first. */
export function lastSources(layout: CgroupLayout): Source[] {
  return [...cpuUsage(layout), ...cpuSplit(layout), ...io(layout), ...memoryPeak(layout), ...oomKills(layout)];
}

/** What a cgroup's memory is followed by between readings of all. */
export function memorySources(layout: CgroupLayout): Source[] {
  return [...memoryUsage(layout), ...memoryPeak(layout)];
}
