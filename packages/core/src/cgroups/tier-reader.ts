import type { DescriptorBudget } from './descriptor-budget.ts';
import { KeptFiles, type OpenFiles } from './kept-files.ts';
import { PassingFiles } from './passing-files.ts';
import type { CgroupReading } from './reading.ts';
import type { Source, Target } from './sources/source.ts';
import { Tier } from './tier.ts';

/** A cgroup whose files of one tier are read each time. */
export interface Held extends Disposable {
  /** At the last read it was there. */
  readonly present: boolean;
}

/** Reads the files of one tier of many cgroups: held open as far as descriptors go, past that opened for each read. */
export class TierReader implements Disposable {
  readonly #tier: Tier;
  readonly #budget: DescriptorBudget;
  readonly #kept: KeptFiles;
  readonly #passing: PassingFiles;
  readonly #held = new Set<HeldFiles>();
  /** Of these, for whom no descriptors were left. */
  readonly #waiting = new Set<HeldFiles>();

  constructor(sources: readonly Source[], budget: DescriptorBudget, stamp: (reading: CgroupReading, atNs: bigint) => void) {
    this.#tier = new Tier(sources, stamp);
    this.#budget = budget;
    this.#kept = new KeptFiles(this.#tier);
    this.#passing = new PassingFiles(this.#tier);
  }

  /** Each read fills `reading` from now on. */
  hold(target: Target, reading: CgroupReading): Held {
    const held = new HeldFiles(target, reading, () => this.#release(held));
    this.#held.add(held);
    this.#waiting.add(held);
    this.#open(held);
    return held;
  }

  /** Reads those that are held. */
  read(): void {
    this.#kept.read();
    for (const held of this.#waiting) {
      held.wasPresent = this.#passing.read(held.target, held.reading);
      this.#open(held);
    }
  }

  /** Reads one cgroup now, held or not. False: it is not there. */
  readNow(target: Target, reading: CgroupReading): boolean {
    return this.#passing.read(target, reading);
  }

  #open(held: HeldFiles): void {
    const most = this.#tier.sources.length;
    if (!this.#budget.take(most)) return;
    held.files = this.#kept.open(held.target, held.reading);
    this.#budget.give(most - held.files.count);
    this.#waiting.delete(held);
  }

  #release(held: HeldFiles): void {
    this.#held.delete(held);
    this.#waiting.delete(held);
    if (held.files === null) return;
    this.#budget.give(held.files.count);
    held.files[Symbol.dispose]();
    held.files = null;
  }

  [Symbol.dispose](): void {
    for (const held of this.#held) this.#release(held);
    this.#kept[Symbol.dispose]();
    this.#passing[Symbol.dispose]();
    this.#tier[Symbol.dispose]();
  }
}

class HeldFiles implements Held {
  readonly target: Target;
  readonly reading: CgroupReading;
  readonly #release: () => void;
  files: OpenFiles | null = null;
  /** Of those for whom no descriptors are left. */
  wasPresent = false;

  constructor(target: Target, reading: CgroupReading, release: () => void) {
    this.target = target;
    this.reading = reading;
    this.#release = release;
  }

  get present(): boolean {
    return this.files?.present ?? this.wasPresent;
  }

  [Symbol.dispose](): void {
    this.#release();
  }
}
