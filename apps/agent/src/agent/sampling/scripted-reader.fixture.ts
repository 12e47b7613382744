import type { CgroupReading, SampledCgroup } from '@plimsoll/core';
import type { CgroupReader } from './sampler.ts';

/** Cgroups that each use half a cpu since the test began; those named `gone` are not there. */
export class ScriptedReader implements CgroupReader {
  readonly #rows = new Map<SampledCgroup, { reading: CgroupReading | null }>();

  add(cgroupPath: string): SampledCgroup {
    const row: { reading: CgroupReading | null; path: string } = { reading: null, path: cgroupPath };
    const sampled: SampledCgroup = {
      get reading() {
        return row.path.endsWith('gone') ? null : row.reading;
      },
      [Symbol.dispose]: () => void this.#rows.delete(sampled),
    };
    this.#rows.set(sampled, row);
    return sampled;
  }

  read(): void {
    const atNs = process.hrtime.bigint();
    for (const row of this.#rows.values()) row.reading = { ...NOTHING, atNs, cpuUsageNs: atNs / 2n };
  }

  [Symbol.dispose](): void {
    this.#rows.clear();
  }
}

const NOTHING: CgroupReading = {
  atNs: 0n,
  cpuUsageNs: 0n,
  cpuUserNs: 0,
  cpuSystemNs: 0,
  cpuPeriods: 0,
  cpuThrottledPeriods: 0,
  cpuThrottledNs: 0,
  memoryUsageBytes: 4096,
  memoryInactiveFileBytes: 0,
  memoryAnonBytes: 4096,
  memoryFileBytes: 0,
  memoryKernelBytes: 0,
  ioReadBytes: 0,
  ioWriteBytes: 0,
  ioReadOps: 0,
  ioWriteOps: 0,
  pids: 1,
};
