import { emptyReading, type CgroupReading } from '@plimsoll/core';
import type { ColumnName } from '@plimsoll/protocol';

/** One row of a sample frame. NaN, or null: no such counter on this host, or no earlier reading to take a rate from. */
export type Figures = { cpuUsageNs: bigint | null } & Record<Exclude<ColumnName, 'cpuUsageNs'>, number>;

/** Follows the readings of one cgroup, and has the figures between the last two. */
export class Follower {
  /** The same object each time. */
  readonly figures = emptyFigures();
  readonly #before = emptyReading();
  #follows = false;

  take(now: CgroupReading): Figures {
    figuresBetween(this.#follows ? this.#before : null, now, this.figures);
    Object.assign(this.#before, now);
    this.#follows = true;
    return this.figures;
  }

  /** The figures from the last reading up to this one, which is not followed. */
  until(now: CgroupReading): Figures {
    return figuresBetween(this.#follows ? this.#before : null, now, { ...this.figures });
  }

  /** What comes next has nothing to do with what was. */
  restart(): void {
    this.#follows = false;
  }
}

/**
 * What happened between two readings of one cgroup, per second of the time that really lay between them. Without an
 * earlier reading, or with one that is not of the same life (a counter of cpu time never falls while a cgroup lives),
 * gauges alone. The detail is not read each time: until it is, `into` keeps its rates as they are.
 */
export function figuresBetween(earlier: CgroupReading | null, now: CgroupReading, into: Figures = emptyFigures()): Figures {
  const before = earlier !== null && isSameLife(earlier, now) ? earlier : NOTHING;
  takeGauges(now, into);
  const seconds = secondsBetween(before.atNs, now.atNs);
  into.cpuCores = cpuCores(before.cpuUsageNs, now.cpuUsageNs, seconds);
  into.majorFaultsPerS = rate(before.majorFaults, now.majorFaults, seconds);
  into.ioReadBytesPerS = rate(before.ioReadBytes, now.ioReadBytes, seconds);
  into.ioWriteBytesPerS = rate(before.ioWriteBytes, now.ioWriteBytes, seconds);
  into.ioReadOpsPerS = rate(before.ioReadOps, now.ioReadOps, seconds);
  into.ioWriteOpsPerS = rate(before.ioWriteOps, now.ioWriteOps, seconds);
  into.ioDiscardBytesPerS = rate(before.ioDiscardBytes, now.ioDiscardBytes, seconds);
  if (before.cpuStatAtNs !== now.cpuStatAtNs) takeCpuStat(before, now, into);
  if (before.detailAtNs !== now.detailAtNs) takeDetail(before, now, into);
  return into;
}

const NOTHING = { ...emptyReading(), atNs: -1n, cpuStatAtNs: -1n, detailAtNs: -1n };

function isSameLife(earlier: CgroupReading, now: CgroupReading): boolean {
  if (earlier.atNs >= now.atNs) return false;
  return earlier.cpuUsageNs === null || (now.cpuUsageNs !== null && earlier.cpuUsageNs <= now.cpuUsageNs);
}

function takeGauges(now: CgroupReading, into: Figures): void {
  into.cpuUsageNs = now.cpuUsageNs;
  into.memoryWorkingSetBytes = Math.max(0, now.memoryUsageBytes - now.memoryInactiveFileBytes);
  into.memoryUsageBytes = now.memoryUsageBytes;
  into.memoryAnonBytes = now.memoryAnonBytes;
  into.memoryFileBytes = now.memoryFileBytes;
  into.memoryInactiveFileBytes = now.memoryInactiveFileBytes;
  into.memoryKernelBytes = now.memoryKernelBytes;
  into.memorySwapBytes = now.memorySwapBytes;
  into.memoryLimitBytes = now.memoryLimitBytes;
  into.memoryPeakBytes = now.memoryPeakBytes;
  into.oomKills = now.oomKills;
  into.pids = now.pids;
  into.pidsLimit = now.pidsLimit;
  into.pidsRefused = now.pidsRefused;
}

function takeCpuStat(before: CgroupReading, now: CgroupReading, into: Figures): void {
  const seconds = secondsBetween(before.cpuStatAtNs, now.cpuStatAtNs);
  into.cpuUserCores = rate(before.cpuUserNs, now.cpuUserNs, seconds) / NS_PER_S;
  into.cpuSystemCores = rate(before.cpuSystemNs, now.cpuSystemNs, seconds) / NS_PER_S;
  into.cpuThrottledCores = rate(before.cpuThrottledNs, now.cpuThrottledNs, seconds) / NS_PER_S;
  const periods = now.cpuPeriods - before.cpuPeriods;
  const throttled = rate(before.cpuThrottledPeriods, now.cpuThrottledPeriods, 1);
  into.cpuThrottledShare = periods === 0 ? 0 : Math.min(1, throttled / periods);
}

function takeDetail(before: CgroupReading, now: CgroupReading, into: Figures): void {
  const seconds = secondsBetween(before.detailAtNs, now.detailAtNs);
  into.cpuPressure = share(before.cpuPressureUs, now.cpuPressureUs, seconds);
  into.cpuFullPressure = share(before.cpuFullPressureUs, now.cpuFullPressureUs, seconds);
  into.memoryPressure = share(before.memoryPressureUs, now.memoryPressureUs, seconds);
  into.memoryFullPressure = share(before.memoryFullPressureUs, now.memoryFullPressureUs, seconds);
  into.ioPressure = share(before.ioPressureUs, now.ioPressureUs, seconds);
  into.ioFullPressure = share(before.ioFullPressureUs, now.ioFullPressureUs, seconds);
  into.netReceivedBytesPerS = rate(before.netReceivedBytes, now.netReceivedBytes, seconds);
  into.netSentBytesPerS = rate(before.netSentBytes, now.netSentBytes, seconds);
  into.netReceivedPacketsPerS = rate(before.netReceivedPackets, now.netReceivedPackets, seconds);
  into.netSentPacketsPerS = rate(before.netSentPackets, now.netSentPackets, seconds);
  into.netReceiveErrorsPerS = rate(before.netReceiveErrors, now.netReceiveErrors, seconds);
  into.netSendErrorsPerS = rate(before.netSendErrors, now.netSendErrors, seconds);
  into.netReceiveDropsPerS = rate(before.netReceiveDrops, now.netReceiveDrops, seconds);
  into.netSendDropsPerS = rate(before.netSendDrops, now.netSendDrops, seconds);
}

const NS_PER_S = 1e9;
const US_PER_S = 1e6;

/** NaN where there is no time before. */
function secondsBetween(beforeNs: bigint, nowNs: bigint): number {
  return beforeNs <= 0n ? Number.NaN : Number(nowNs - beforeNs) / NS_PER_S;
}

function cpuCores(before: bigint | null, now: bigint | null, seconds: number): number {
  return before === null || now === null ? Number.NaN : Number(now - before) / NS_PER_S / seconds;
}

/** NaN where the counter went backwards: a network device that has gone takes its counts with it. */
function rate(before: number, now: number, seconds: number): number {
  return now >= before ? (now - before) / seconds : Number.NaN;
}

/** Of the time. The kernel's clock and ours are not read at the same instant. */
function share(beforeUs: number, nowUs: number, seconds: number): number {
  return Math.min(1, rate(beforeUs, nowUs, seconds) / US_PER_S);
}

export function emptyFigures(): Figures {
  return {
    cpuUsageNs: null,
    cpuCores: Number.NaN,
    cpuUserCores: Number.NaN,
    cpuSystemCores: Number.NaN,
    cpuThrottledShare: Number.NaN,
    cpuThrottledCores: Number.NaN,
    memoryWorkingSetBytes: Number.NaN,
    memoryUsageBytes: Number.NaN,
    memoryAnonBytes: Number.NaN,
    memoryFileBytes: Number.NaN,
    memoryInactiveFileBytes: Number.NaN,
    memoryKernelBytes: Number.NaN,
    memorySwapBytes: Number.NaN,
    memoryLimitBytes: Number.NaN,
    memoryPeakBytes: Number.NaN,
    majorFaultsPerS: Number.NaN,
    oomKills: Number.NaN,
    ioReadBytesPerS: Number.NaN,
    ioWriteBytesPerS: Number.NaN,
    ioReadOpsPerS: Number.NaN,
    ioWriteOpsPerS: Number.NaN,
    ioDiscardBytesPerS: Number.NaN,
    pids: Number.NaN,
    pidsLimit: Number.NaN,
    pidsRefused: Number.NaN,
    cpuPressure: Number.NaN,
    cpuFullPressure: Number.NaN,
    memoryPressure: Number.NaN,
    memoryFullPressure: Number.NaN,
    ioPressure: Number.NaN,
    ioFullPressure: Number.NaN,
    netReceivedBytesPerS: Number.NaN,
    netSentBytesPerS: Number.NaN,
    netReceivedPacketsPerS: Number.NaN,
    netSentPacketsPerS: Number.NaN,
    netReceiveErrorsPerS: Number.NaN,
    netSendErrorsPerS: Number.NaN,
    netReceiveDropsPerS: Number.NaN,
    netSendDropsPerS: Number.NaN,
    diskUpperBytes: Number.NaN,
  };
}
