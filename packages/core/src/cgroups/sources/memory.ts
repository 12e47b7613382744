import { FlatFile } from '../flat-file.ts';
import type { CgroupLayout } from '../layout.ts';
import { limitAt, numberAt } from '../text.ts';
import { controllerFile, found, SMALL, value, type Source } from './source.ts';

const STAT_BYTES = 8192;

/** total_*: the cgroup and all below it, as every other figure here. */
const statV1 = new FlatFile([
  'total_cache',
  'total_rss',
  'total_swap',
  'total_pgfault',
  'total_pgmajfault',
  'total_inactive_file',
]);
const statV2 = new FlatFile(['anon', 'file', 'kernel', 'inactive_file', 'pgfault', 'pgmajfault']);
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
  reading.pageFaults = value(4);
  reading.majorFaults = value(5);
};

const takeStatV1: Source['take'] = (bytes, start, end, reading) => {
  statV1.read(bytes, start, end, found);
  reading.memoryFileBytes = value(0);
  reading.memoryAnonBytes = value(1);
  reading.memorySwapBytes = value(2);
  reading.pageFaults = value(3);
  reading.majorFaults = value(4);
  reading.memoryInactiveFileBytes = value(5);
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
    ...oomKills(layout),
  ];
}

/** To be read after the usage, so that it is at least that. */
export function memoryPeak(layout: CgroupLayout): Source[] {
  const peak = isV2(layout) ? 'memory.peak' : 'memory.max_usage_in_bytes';
  return controllerFile(layout, 'memory', peak, SMALL, (bytes, start, _end, reading) => {
    reading.memoryPeakBytes = numberAt(bytes, start);
  });
}

export function oomKills(layout: CgroupLayout): Source[] {
  const events = isV2(layout) ? 'memory.events' : 'memory.oom_control';
  return controllerFile(layout, 'memory', events, SMALL, (bytes, start, end, reading) => {
    oomKill.read(bytes, start, end, found);
    reading.oomKills = value(0);
  });
}
