/**
 * One reading of a cgroup, everything below it included unless said otherwise. Counters are cumulative since it was made.
 * NaN: this host, or this cgroup, has no such counter, or has no such limit.
 *
 * The base is read at each reading. The detail, marked (d), costs as much again: it is of this reading where the cgroup is
 * watched, and up to ten seconds old otherwise.
 */
export interface CgroupReading {
  /** CLOCK_MONOTONIC right after the cpu counter was read, ns: rates of the base divide by differences of this. */
  atNs: bigint;
  /** The same of the first file of the detail: what rates of the detail divide by. 0: not read yet. */
  detailAtNs: bigint;
  /** The same of cpu.stat: the base's on v2, the detail's on v1. */
  cpuStatAtNs: bigint;

  /** cpuacct.usage on v1 and hybrid, exact; cpu.stat usage_usec * 1000 on v2. Null: no hierarchy that it is in counts cpu time. */
  cpuUsageNs: bigint | null;
  /** User and system time as the kernel's tick saw them: estimates that do not sum to the usage (cpu.stat; cpuacct.usage_user and _sys on pure v1). */
  cpuUserNs: number;
  cpuSystemNs: number;
  /** Enforcement periods of its own cpu limit, and those in which it held back (cpu.stat nr_periods, nr_throttled). */
  cpuPeriods: number;
  cpuThrottledPeriods: number;
  /** For how long its threads were held back in all, summed over cpus (throttled_usec; throttled_time on v1). */
  cpuThrottledNs: number;

  /** memory.current; memory.usage_in_bytes on v1. Page cache and, on v2, kernel memory included. */
  memoryUsageBytes: number;
  /** memory.stat: inactive_file, anon, file; total_inactive_file, total_rss, total_cache on v1. */
  memoryInactiveFileBytes: number;
  memoryAnonBytes: number;
  memoryFileBytes: number;
  /** memory.stat kernel; memory.kmem.usage_in_bytes (d) on v1. */
  memoryKernelBytes: number;
  /** memory.swap.current (d); memory.stat total_swap on v1. NaN: the kernel does not count swap by cgroup. */
  memorySwapBytes: number;
  /** (d) memory.max; memory.limit_in_bytes on v1. This cgroup's own: an ancestor's may be less. NaN: none. */
  memoryLimitBytes: number;
  /** The most that was ever used at once: memory.peak (Linux >= 5.19); memory.max_usage_in_bytes on v1. */
  memoryPeakBytes: number;
  /** All page faults: memory.stat pgfault; total_pgfault on v1. */
  pageFaults: number;
  /** Page faults that waited for a disk: memory.stat pgmajfault; total_pgmajfault on v1. */
  majorFaults: number;
  /** (d) Processes that the OOM killer ended: memory.events oom_kill; memory.oom_control on v1, where it is this cgroup's own alone. */
  oomKills: number;

  /**
   * Block io of all devices without discards: io.stat; blkio.throttle.io_service*_recursive on v1, which is partial: direct
   * and synchronous io alone, and only while the cgroup has a throttle rule for the disk.
   */
  ioReadBytes: number;
  ioWriteBytes: number;
  ioReadOps: number;
  ioWriteOps: number;
  /** io.stat dbytes; Discard of the same file on v1. */
  ioDiscardBytes: number;

  /** Processes and threads now: pids.current. */
  pids: number;
  /** (d) pids.max. This cgroup's own. NaN: none. */
  pidsLimit: number;
  /** (d) Forks refused at its limit: pids.events max. Its own alone on v1, and on v2 before Linux 6.11. */
  pidsRefused: number;

  /** (d) Time in which some, and all, of its processes waited for the resource, us: `total` of cpu.pressure and its like in the v2 tree. */
  cpuPressureUs: number;
  cpuFullPressureUs: number;
  memoryPressureUs: number;
  memoryFullPressureUs: number;
  ioPressureUs: number;
  ioFullPressureUs: number;

  /** (d) /proc/<pid>/net/dev: all devices but loopback, where the process has a network namespace of its own. */
  netReceivedBytes: number;
  netReceivedPackets: number;
  netReceiveErrors: number;
  netReceiveDrops: number;
  netSentBytes: number;
  netSentPackets: number;
  netSendErrors: number;
  netSendDrops: number;
}

export function emptyReading(): CgroupReading {
  return {
    atNs: 0n,
    detailAtNs: 0n,
    cpuStatAtNs: 0n,
    cpuUsageNs: null,
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
    memorySwapBytes: Number.NaN,
    memoryLimitBytes: Number.NaN,
    memoryPeakBytes: Number.NaN,
    pageFaults: Number.NaN,
    majorFaults: Number.NaN,
    oomKills: Number.NaN,
    ioReadBytes: Number.NaN,
    ioWriteBytes: Number.NaN,
    ioReadOps: Number.NaN,
    ioWriteOps: Number.NaN,
    ioDiscardBytes: Number.NaN,
    pids: Number.NaN,
    pidsLimit: Number.NaN,
    pidsRefused: Number.NaN,
    cpuPressureUs: Number.NaN,
    cpuFullPressureUs: Number.NaN,
    memoryPressureUs: Number.NaN,
    memoryFullPressureUs: Number.NaN,
    ioPressureUs: Number.NaN,
    ioFullPressureUs: Number.NaN,
    netReceivedBytes: Number.NaN,
    netReceivedPackets: Number.NaN,
    netReceiveErrors: Number.NaN,
    netReceiveDrops: Number.NaN,
    netSentBytes: Number.NaN,
    netSentPackets: Number.NaN,
    netSendErrors: Number.NaN,
    netSendDrops: Number.NaN,
  };
}
