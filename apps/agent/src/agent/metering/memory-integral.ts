import { availableParallelism, totalmem } from 'node:os';
import type { SampledMemory } from '../ledger/input.ts';

/** Memory of a cgroup at one moment. Null: this host does not tell. */
export interface MemorySample {
  /** Of the monotonic clock, whole ms. */
  atMs: number;
  /** Working set. */
  kib: number | null;
  /** Anonymous memory that is mapped somewhere, and page faults ever. */
  anonKib: number | null;
  pageFaults: number | null;
  /** The most that was ever used, read after the rest. */
  peakKib: number | null;
}

const PAGE_KIB = 4;
const HOST_KIB = Math.ceil(totalmem() / 1024);
/**
 * The kernel brings memory.stat up to date when 64 updates a cpu have come together, and before Linux 6.8 when twice as many had: a page
 * of memory, or a fault, is one of them (mm/memcontrol.c, MEMCG_CHARGE_BATCH). Of both figures as much may be missing.
 */
const STAT_SLACK_KIB = 2 * 2 * 64 * availableParallelism() * PAGE_KIB;

/** KiB times ms of one meter, between its recorded readings, from samples. */
export class MemoryIntegral {
  readonly #mostMs: number;
  readonly #faultKib: () => number;
  #last: MemorySample | null = null;
  #taken: SampledMemory = nothing();

  /** `mostMs`: two samples further apart than this have a gap between them. `faultKib`: what one page fault can add. */
  constructor(mostMs: number, faultKib: () => number) {
    this.#mostMs = mostMs;
    this.#faultKib = faultKib;
  }

  /** The working set at the last sample. */
  get kib(): number | null {
    return this.#last?.kib ?? null;
  }

  /** One that is not later than the last adds nothing. */
  sample(now: MemorySample): void {
    const last = this.#last;
    const passed = last === null ? 0 : now.atMs - last.atMs;
    if (last !== null && passed < 0) return;
    this.#last = now;
    if (last === null || last.kib === null || now.kib === null || passed === 0) return;
    const used = ((last.kib + now.kib) / 2) * passed;
    const taken = this.#taken;
    taken.memoryKibMs += used;
    taken.memoryLeastKibMs += Math.min(used, this.#leastKib(last, now) * passed);
    taken.memoryMostKibMs += Math.max(used, (now.peakKib ?? HOST_KIB) * passed);
    taken.sampledMs += passed;
    if (passed > this.#mostMs) taken.gapMs += passed;
  }

  /** Since the last call. */
  take(): SampledMemory {
    const taken = this.#taken;
    this.#taken = nothing();
    return taken;
  }

  /** Anonymous memory comes back by page faults alone: between two samples there was at least what these cannot have added. */
  #leastKib(last: MemorySample, now: MemorySample): number {
    if (last.pageFaults === null || now.pageFaults === null || now.anonKib === null) return 0;
    const added = Math.max(0, now.pageFaults - last.pageFaults) * this.#faultKib();
    return Math.max(0, now.anonKib - added - STAT_SLACK_KIB);
  }
}

export function nothing(): SampledMemory {
  return { sampledMs: 0, gapMs: 0, memoryKibMs: 0, memoryLeastKibMs: 0, memoryMostKibMs: 0 };
}
