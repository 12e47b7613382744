import { FlatFile } from '../flat-file.ts';
import type { CgroupLayout } from '../layout.ts';
import { limitAt, numberAt } from '../text.ts';
import { controllerFile, found, SMALL, value, type Source } from './source.ts';

const STAT_BYTES = 8192;

/** total_*: the cgroup and all below it, as every other figure here. */
const statV1 = new FlatFile(['total_cache', 'total_rss', 'total_swap', 'total_pgmajfault', 'total_inactive_file']);
const statV2 = new FlatFile(['anon', 'file', 'kernel', 'inactive_file', 'pgmajfault']);
const oomKill = new FlatFile(['oom_kill']);

function isV2({ controllers }: CgroupLayout): boolean {
  return controllers.get('memory')?.version === 2;
}

export function memoryUsage(layout: CgroupLayout): Source[] {
  const usage = isV2(layout) ? 'memory.current' : 'memory.usage_in_bytes';
  return [
    ...controllerFile(layout, 'memory', usage, SMALL, (bytes, start, _end, reading) => {
      reading.memoryUsageBytes = numberAt(bytes, start);
    }),
    ...controllerFile(layout, 'memory', 'memory.stat', STAT_BYTES, isV2(layout) ? takeStatV2 : takeStatV1),
  ];
}

const takeStatV2: Source['take'] = (bytes, start, end, reading) => {
  statV2.read(bytes, start, end, found);
  reading.memoryAnonBytes = value(0);
  reading.memoryFileBytes = value(1);
  reading.memoryKernelBytes = value(2);
  reading.memoryInactiveFileBytes = value(3);
  reading.majorFaults = value(4);
};

const takeStatV1: Source['take'] = (bytes, start, end, reading) => {
  statV1.read(bytes, start, end, found);
  reading.memoryFileBytes = value(0);
  reading.memoryAnonBytes = value(1);
  reading.memorySwapBytes = value(2);
  reading.majorFaults = value(3);
  reading.memoryInactiveFileBytes = value(4);
};

export function memoryDetail(layout: CgroupLayout): Source[] {
  const [limit, own] = isV2(layout)
    ? (['memory.max', 'memory.swap.current'] as const)
    : (['memory.limit_in_bytes', 'memory.kmem.usage_in_bytes'] as const);
  return [
    ...controllerFile(layout, 'memory', limit, SMALL, (bytes, start, _end, reading) => {
      reading.memoryLimitBytes = limitAt(bytes, start);
    }),
    ...controllerFile(layout, 'memory', own, SMALL, (bytes, start, _end, reading) => {
      if (isV2(layout)) reading.memorySwapBytes = numberAt(bytes, start);
      else reading.memoryKernelBytes = numberAt(bytes, start);
    }),
    ...memoryHistory(layout),
  ];
}

/** What is told of the past: the peak, and what the OOM killer ended. */
export function memoryHistory(layout: CgroupLayout): Source[] {
  const [peak, events] = isV2(layout)
    ? (['memory.peak', 'memory.events'] as const)
    : (['memory.max_usage_in_bytes', 'memory.oom_control'] as const);
  return [
    ...controllerFile(layout, 'memory', peak, SMALL, (bytes, start, _end, reading) => {
      reading.memoryPeakBytes = numberAt(bytes, start);
    }),
    ...controllerFile(layout, 'memory', events, SMALL, (bytes, start, end, reading) => {
      oomKill.read(bytes, start, end, found);
      reading.oomKills = value(0);
    }),
  ];
}
