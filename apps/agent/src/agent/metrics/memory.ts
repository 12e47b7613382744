import { ofReading, type CgroupRow } from './cgroup-row.ts';
import type { Metric } from './exposition.ts';
import { count } from './numbers.ts';

export const MEMORY: readonly Metric<CgroupRow>[] = [
  {
    name: 'container_memory_usage_bytes',
    type: 'gauge',
    help: 'Memory in use, page cache included.',
    value: ofReading(({ memoryUsageBytes }) => count(memoryUsageBytes)),
  },
  {
    name: 'container_memory_working_set_bytes',
    type: 'gauge',
    help: 'Memory in use without page cache that was not touched lately.',
    // Two files are read one after the other, and need not agree.
    value: ofReading(({ memoryUsageBytes, memoryInactiveFileBytes }) =>
      count(Math.max(0, memoryUsageBytes - memoryInactiveFileBytes)),
    ),
  },
  {
    name: 'container_memory_rss',
    type: 'gauge',
    help: 'Anonymous memory in bytes.',
    value: ofReading(({ memoryAnonBytes }) => count(memoryAnonBytes)),
  },
  {
    name: 'container_memory_cache',
    type: 'gauge',
    help: 'Page cache in bytes.',
    value: ofReading(({ memoryFileBytes }) => count(memoryFileBytes)),
  },
  {
    name: 'container_memory_kernel_usage',
    type: 'gauge',
    help: 'Kernel memory in bytes.',
    value: ofReading(({ memoryKernelBytes }) => count(memoryKernelBytes)),
  },
  {
    name: 'container_memory_swap',
    type: 'gauge',
    help: 'Swap in use in bytes.',
    value: ofReading(({ memorySwapBytes }) => count(memorySwapBytes)),
  },
  {
    name: 'container_memory_max_usage_bytes',
    type: 'gauge',
    help: 'The most memory that was ever in use at once.',
    value: ofReading(({ memoryPeakBytes }) => count(memoryPeakBytes)),
  },
  {
    name: 'container_memory_failures_total',
    type: 'counter',
    help: 'Page faults that waited for a disk.',
    labels: { failure_type: 'pgmajfault', scope: 'hierarchy' },
    value: ofReading(({ majorFaults }) => count(majorFaults)),
  },
  {
    name: 'container_oom_events_total',
    type: 'counter',
    help: 'Processes that the OOM killer ended; on cgroup v1 those of this cgroup alone, not of any below it.',
    value: ofReading(({ oomKills }) => count(oomKills)),
  },
];
