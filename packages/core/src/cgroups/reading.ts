/**
 * One reading of a cgroup, everything below it included. Counters are cumulative since it was made. NaN: this host has no
 * such counter.
 */
export interface CgroupReading {
  /** CLOCK_MONOTONIC right after the cpu counter was read, ns: all rates divide by differences of this. */
  atNs: bigint;
  /** cpuacct.usage on v1 and hybrid, exact; usage_usec * 1000 on v2. */
  cpuUsageNs: bigint;
  /** User and system time as the kernel's tick saw them: estimates that do not sum to the usage. */
  cpuUserNs: number;
  cpuSystemNs: number;
  /** Enforcement periods of the cpu limit, those in which it held back, and for how long in all. */
  cpuPeriods: number;
  cpuThrottledPeriods: number;
  cpuThrottledNs: number;
  memoryUsageBytes: number;
  memoryInactiveFileBytes: number;
  memoryAnonBytes: number;
  memoryFileBytes: number;
  memoryKernelBytes: number;
  /** Block io without discards, all devices. On v1 direct and synchronous io only. */
  ioReadBytes: number;
  ioWriteBytes: number;
  ioReadOps: number;
  ioWriteOps: number;
  /** Processes and threads now. */
  pids: number;
}

export function emptyReading(): CgroupReading {
  return {
    atNs: 0n,
    cpuUsageNs: 0n,
    cpuUserNs: Number.NaN,
    cpuSystemNs: Number.NaN,
    cpuPeriods: Number.NaN,
    cpuThrottledPeriods: Number.NaN,
    cpuThrottledNs: Number.NaN,
    memoryUsageBytes: Number.NaN,
    memoryInactiveFileBytes: Number.NaN,
    memoryAnonBytes: Number.NaN,
    memoryFileBytes: Number.NaN,
    memoryKernelBytes: Number.NaN,
    ioReadBytes: Number.NaN,
    ioWriteBytes: Number.NaN,
    ioReadOps: Number.NaN,
    ioWriteOps: Number.NaN,
    pids: Number.NaN,
  };
}
