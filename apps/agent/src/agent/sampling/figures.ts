import type { CgroupReading } from '@plimsoll/core';
import type { ColumnName } from '@plimsoll/protocol';

/** One row of a sample frame. NaN: no such counter on this host, or no earlier reading to take a rate from. */
export type Figures = { cpuUsageNs: bigint } & Record<Exclude<ColumnName, 'cpuUsageNs'>, number>;

/**
 * What happened between two readings of one cgroup, per second of the time that really lay between them. Without an
 * earlier reading, or with one that is not of the same life (a counter of cpu time never falls while a cgroup lives),
 * gauges alone.
 */
export function figuresBetween(earlier: CgroupReading | null, now: CgroupReading): Figures {
  const before = earlier !== null && earlier.cpuUsageNs <= now.cpuUsageNs && earlier.atNs < now.atNs ? earlier : null;
  const seconds = before === null ? Number.NaN : Number(now.atNs - before.atNs) / 1e9;
  const grown = (name: GrowingCounter): number =>
    before !== null && now[name] >= before[name] ? now[name] - before[name] : Number.NaN;
  const periods = grown('cpuPeriods');
  return {
    cpuUsageNs: now.cpuUsageNs,
    cpuCores: before === null ? Number.NaN : Number(now.cpuUsageNs - before.cpuUsageNs) / 1e9 / seconds,
    cpuUserCores: grown('cpuUserNs') / 1e9 / seconds,
    cpuSystemCores: grown('cpuSystemNs') / 1e9 / seconds,
    cpuThrottledShare: periods === 0 ? 0 : Math.min(1, grown('cpuThrottledPeriods') / periods),
    memoryWorkingSetBytes: Math.max(0, now.memoryUsageBytes - now.memoryInactiveFileBytes),
    memoryUsageBytes: now.memoryUsageBytes,
    memoryAnonBytes: now.memoryAnonBytes,
    memoryFileBytes: now.memoryFileBytes,
    memoryKernelBytes: now.memoryKernelBytes,
    ioReadBytesPerS: grown('ioReadBytes') / seconds,
    ioWriteBytesPerS: grown('ioWriteBytes') / seconds,
    ioReadOpsPerS: grown('ioReadOps') / seconds,
    ioWriteOpsPerS: grown('ioWriteOps') / seconds,
    pids: now.pids,
  };
}

type GrowingCounter =
  | 'cpuUserNs'
  | 'cpuSystemNs'
  | 'cpuPeriods'
  | 'cpuThrottledPeriods'
  | 'ioReadBytes'
  | 'ioWriteBytes'
  | 'ioReadOps'
  | 'ioWriteOps';
