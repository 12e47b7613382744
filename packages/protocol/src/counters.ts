import { z } from 'zod';

/** A cumulative kernel counter on the wire: decimal digits, since JSON numbers end at 2^53 and the kernel's do not. */
export const Counter = z.string().regex(/^\d{1,20}$/, 'expected a counter in decimal digits');

/**
 * The last reading of a container's cgroup, taken when it was empty and before it was removed.
 * All cumulative since that start, as the kernel gives them; null where the host has no such counter.
 */
export const FinalCounters = z.object({
  /** Nanoseconds of cpu: cpuacct.usage (v1, hybrid) exactly, or cpu.stat usage_usec in steps of 1000. */
  cpuUsageNs: Counter,
  cpuUserNs: Counter.nullable(),
  cpuSystemNs: Counter.nullable(),
  memoryPeakBytes: Counter.nullable(),
  /** On cgroup v1 these count direct and synchronous io only. */
  ioReadBytes: Counter.nullable(),
  ioWriteBytes: Counter.nullable(),
  ioReadOps: Counter.nullable(),
  ioWriteOps: Counter.nullable(),
  oomKills: Counter.nullable(),
});
export type FinalCounters = z.infer<typeof FinalCounters>;
