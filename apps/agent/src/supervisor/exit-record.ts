import type { LastReading, ProcessExit } from '@plimsoll/core';
import { signalName, type ExitStatus, type FinalCounters } from '@plimsoll/protocol';

/** As a shell tells it: 128 + signal for a killed process. */
export function exitStatus({ code, signal }: ProcessExit, oomKills: number | null): ExitStatus {
  return {
    exitCode: signal === null ? code : 128 + signal,
    signal: signal === null ? null : signalName(signal),
    oomKilled: (oomKills ?? 0) > 0,
  };
}

/** The last reading in the form that exit records keep: exact integers as decimal digits. */
export function finalCounters(last: LastReading): FinalCounters {
  const { reading } = last;
  return {
    cpuUsageNs: String(reading.cpuUsageNs),
    cpuUserNs: digits(reading.cpuUserNs),
    cpuSystemNs: digits(reading.cpuSystemNs),
    memoryPeakBytes: digits(last.memoryPeakBytes),
    ioReadBytes: digits(reading.ioReadBytes),
    ioWriteBytes: digits(reading.ioWriteBytes),
    ioReadOps: digits(reading.ioReadOps),
    ioWriteOps: digits(reading.ioWriteOps),
    oomKills: digits(last.oomKills),
  };
}

/** All these counters but cpu time stay below 2^53 for as long as a machine lives. */
function digits(value: number | null): string | null {
  return value === null || Number.isNaN(value) ? null : String(value);
}
