import { emptyReading, type CgroupReading, type SampledCgroup } from '@plimsoll/core';
import type { CgroupReader } from './sampler.ts';

/** Cgroups that each use half a cpu since the test began; those named `gone` are not there. */
export class ScriptedReader implements CgroupReader {
  /** Paths of those that are watched, as often as they are. */
  readonly watched: string[] = [];
  readonly #rows = new Map<SampledCgroup, { reading: CgroupReading | null }>();

  add(cgroupPath: string): SampledCgroup {
    const row: { reading: CgroupReading | null; path: string } = { reading: null, path: cgroupPath };
    const sampled: SampledCgroup = {
      get reading() {
        return row.path.endsWith('gone') ? null : row.reading;
      },
      watch: () => {
        this.watched.push(cgroupPath);
        return { [Symbol.dispose]: () => void this.watched.splice(this.watched.indexOf(cgroupPath), 1) };
      },
      [Symbol.dispose]: () => void this.#rows.delete(sampled),
    };
    this.#rows.set(sampled, row);
    return sampled;
  }

  read(): void {
    for (const row of this.#rows.values()) row.reading = readingOfNow();
  }

  readOnce(cgroupPath: string): CgroupReading | null {
    return cgroupPath.endsWith('gone') ? null : readingOfNow();
  }

  readMemory(cgroupPath: string): CgroupReading | null {
    return this.readOnce(cgroupPath);
  }

  [Symbol.dispose](): void {
    this.#rows.clear();
  }
}

function readingOfNow(): CgroupReading {
  const atNs = process.hrtime.bigint();
  return { ...NOTHING, atNs, detailAtNs: atNs, cpuUsageNs: atNs / 2n };
}

const NOTHING: CgroupReading = { ...emptyReading(), memoryUsageBytes: 4096, memoryInactiveFileBytes: 0, pids: 1 };
