import type { MeterEnd, MeterReading, SampledMemory } from './input.ts';
import type { KernelCounters } from './quantities.ts';

export const NOON = Date.parse('2026-01-31T12:00:00Z');
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export function counters(cpuNs: bigint | number, more: Partial<KernelCounters> = {}): KernelCounters {
  return {
    ...{ cpuNs: BigInt(cpuNs), ioReadBytes: null, ioWriteBytes: null, ioReadOps: null, ioWriteOps: null },
    ...{ netReceivedBytes: null, netSentBytes: null },
    ...more,
  };
}

/** One container whose clocks both began at NOON, read in samples without a hole. */
export class Subject {
  readonly info: MeterReading['info'];
  #sinceMs = 0;

  constructor(subject: string, life = '1', kind: 'container' | 'group' = 'container') {
    this.info = { kind, subject, life, name: `name-${subject}`, image: 'base', labels: { team: 'a' }, beganMs: NOON, boot: null };
  }

  at(ms: number, cpuNs: bigint | number, more: Partial<MeterReading> = {}): MeterReading {
    const sampledMs = ms - this.#sinceMs;
    this.#sinceMs = ms;
    return {
      ...{ info: this.info, group: 'default', atMs: NOON + ms, bootMs: null, monotonicMs: 5000 + ms, counters: counters(cpuNs) },
      ...{ memoryKib: 1000, memoryPeakKib: 2000, ...sampled(sampledMs) },
      ...{ reserved: { memoryKib: null, cpuNsPerMs: null }, frozen: false },
      ...more,
    };
  }

  end(ms: number, cpuNs: bigint | number | null, more: Partial<MeterEnd> = {}): MeterEnd {
    const sampledMs = ms - this.#sinceMs;
    const told = cpuNs === null ? null : counters(cpuNs);
    return {
      ...{ info: this.info, group: 'default', atMs: NOON + ms, bootMs: null, elapsedMs: ms, counters: told, reserved: null },
      record: JSON.stringify({ counters: told === null ? null : { cpuUsageNs: String(told.cpuNs) } }),
      ...{ memoryKib: null, memoryPeakKib: 2000, ...sampled(sampledMs) },
      ...more,
    };
  }
}

export const NO_SAMPLES = { sampledMs: 0, gapMs: 0, memoryKibMs: 0, memoryLeastKibMs: 0, memoryMostKibMs: 0 };

/** 1000 KiB, which may have been 500 or 2000. */
function sampled(ms: number): SampledMemory {
  return { sampledMs: ms, gapMs: 0, memoryKibMs: 1000 * ms, memoryLeastKibMs: 500 * ms, memoryMostKibMs: 2000 * ms };
}
