import type { CgroupReading } from '@plimsoll/core';
import type { FinalCounters } from '@plimsoll/protocol';
import type { MemorySample } from './memory-integral.ts';
import type { KernelCounters } from '../ledger/quantities.ts';

/** Null: nothing here counts cpu time. */
export function countersOf(reading: CgroupReading): KernelCounters | null {
  if (reading.cpuUsageNs === null) return null;
  return {
    cpuNs: reading.cpuUsageNs,
    ioReadBytes: whole(reading.ioReadBytes),
    ioWriteBytes: whole(reading.ioWriteBytes),
    ioReadOps: whole(reading.ioReadOps),
    ioWriteOps: whole(reading.ioWriteOps),
    netReceivedBytes: whole(reading.netReceivedBytes),
    netSentBytes: whole(reading.netSentBytes),
  };
}

/** A container's interface goes with its last process: what it counted is known up to the last reading before. */
export function countersOfRecord(counters: FinalCounters): KernelCounters {
  const { cpuUsageNs, ioReadBytes, ioWriteBytes, ioReadOps, ioWriteOps } = counters;
  return {
    cpuNs: BigInt(cpuUsageNs),
    ioReadBytes: exact(ioReadBytes),
    ioWriteBytes: exact(ioWriteBytes),
    ioReadOps: exact(ioReadOps),
    ioWriteOps: exact(ioWriteOps),
    netReceivedBytes: null,
    netSentBytes: null,
  };
}

/** Working set in KiB: the kernel counts memory by pages. Null: this host does not tell. */
function workingSetKib({ memoryUsageBytes, memoryInactiveFileBytes }: CgroupReading): number | null {
  const bytes = Math.max(0, memoryUsageBytes - memoryInactiveFileBytes);
  return Number.isNaN(bytes) ? null : Math.floor(bytes / 1024);
}

export function memorySample(reading: CgroupReading): MemorySample {
  const { atNs, memoryAnonBytes, pageFaults, memoryPeakBytes } = reading;
  return {
    atMs: Math.round(Number(atNs) / 1e6),
    kib: workingSetKib(reading),
    anonKib: Number.isNaN(memoryAnonBytes) ? null : Math.floor(memoryAnonBytes / 1024),
    pageFaults: Number.isNaN(pageFaults) ? null : pageFaults,
    peakKib: Number.isNaN(memoryPeakBytes) ? null : Math.ceil(memoryPeakBytes / 1024),
  };
}

function whole(value: number): bigint | null {
  return Number.isNaN(value) ? null : BigInt(value);
}

function exact(digits: string | null): bigint | null {
  return digits === null ? null : BigInt(digits);
}
