import { existsSync } from 'node:fs';
import { Cgroup } from './cgroup.ts';
import { processBudget, type DescriptorBudget } from './descriptor-budget.ts';
import type { CgroupLayout } from './layout.ts';
import { emptyReading, type CgroupReading } from './reading.ts';
import { PassingFiles } from './passing-files.ts';
import { baseSources, detailSources, memorySources } from './sources.ts';
import { hasOwnNetwork } from './sources/network.ts';
import type { Source, Target } from './sources/source.ts';
import { Tier } from './tier.ts';
import { TierReader, type Held } from './tier-reader.ts';
import { Turns } from './turns.ts';

/** In this time the detail of every cgroup is read once, whether anybody watches it or not. */
const DETAIL_ROUND_MS = 10_000;

export interface SamplerOptions {
  budget?: DescriptorBudget;
  /**
   * Its cgroups are in every hierarchy. One that is not in the one that counts cpu time is then about to go, and told of as gone;
   * else another hierarchy is asked for that, whose counter is another one.
   */
  areComplete?: boolean;
}

export interface SampledCgroup extends Disposable {
  /** The last reading; the same object each time. Null: not read yet, or the cgroup is gone. */
  readonly reading: CgroupReading | null;
  /** Until it is disposed of, every reading has the detail of its moment. */
  watch(): Disposable;
}

/**
 * Reads many cgroups at once. Files of the base are held open, as far as descriptors go, and read by programs of many reads
 * each; those of the detail are opened in turn, and held where somebody watches.
 */
export class CgroupSampler implements Disposable {
  readonly #layout: CgroupLayout;
  /** The file whose other has the same news; undefined: no other is to be asked. */
  readonly #first: Source | undefined;
  readonly #base: TierReader;
  readonly #detail: TierReader;
  readonly #memoryTier: Tier;
  readonly #memory: PassingFiles;
  readonly #turns = new Turns<Sampled>(DETAIL_ROUND_MS);

  constructor(layout: CgroupLayout, { budget = processBudget(), areComplete = false }: SamplerOptions = {}) {
    const base = baseSources(layout);
    this.#layout = layout;
    this.#first = areComplete ? undefined : base.find(({ otherOf }) => otherOf !== undefined);
    this.#base = new TierReader(base, budget, (reading, atNs) => (reading.atNs = atNs));
    this.#detail = new TierReader(detailSources(layout), budget, (reading, atNs) => (reading.detailAtNs = atNs));
    this.#memoryTier = new Tier(memorySources(layout), (reading, atNs) => (reading.atNs = atNs));
    this.#memory = new PassingFiles(this.#memoryTier);
  }

  /**
   * `path` as in Cgroup, or '' for the root. Files that are not there are not read; a cgroup that is gone reads null. `pid`:
   * the process whose network is the cgroup's own, where that is not the host's.
   */
  add(path: string, pid: number | null = null): SampledCgroup {
    return new Sampled(this.#target(path, pid), { base: this.#base, detail: this.#detail, turns: this.#turns });
  }

  /** Reads every cgroup now. `nowMs` is the clock that turns go by. */
  read(nowMs = performance.now()): void {
    this.#base.read();
    this.#detail.read();
    for (const sampled of this.#turns.take(nowMs)) sampled.readDetail();
  }

  /** All of one cgroup at this moment, whether it was added or not. Null: it is not there. */
  readOnce(path: string, pid: number | null = null): CgroupReading | null {
    const target = this.#target(path, pid);
    const reading = emptyReading();
    if (!this.#base.readNow(target, reading)) return null;
    this.#detail.readNow(target, reading);
    return reading;
  }

  /** The memory of one cgroup at this moment, and nothing else of it: three files. Null: it is not there, or nothing counts its memory. */
  readMemory(path: string): CgroupReading | null {
    const reading = emptyReading();
    const { path: checked } = new Cgroup(this.#layout, path);
    return this.#memory.read({ path: checked, pid: null, lacksFirst: false }, reading) ? reading : null;
  }

  #target(path: string, pid: number | null): Target {
    if (path !== '') void new Cgroup(this.#layout, path);
    const target = { path, pid: pid !== null && hasOwnNetwork(pid) ? pid : null, lacksFirst: false };
    return { ...target, lacksFirst: this.#first !== undefined && !existsSync(this.#first.pathOf(target)) };
  }

  [Symbol.dispose](): void {
    this.#base[Symbol.dispose]();
    this.#detail[Symbol.dispose]();
    this.#memory[Symbol.dispose]();
    this.#memoryTier[Symbol.dispose]();
  }
}

interface Parts {
  base: TierReader;
  detail: TierReader;
  turns: Turns<Sampled>;
}

class Sampled implements SampledCgroup {
  readonly #target: Target;
  readonly #parts: Parts;
  readonly #reading = emptyReading();
  readonly #base: Held;
  /** While it is watched. */
  #detail: Held | null = null;
  #watchers = 0;
  #ended = false;

  constructor(target: Target, parts: Parts) {
    this.#target = target;
    this.#parts = parts;
    this.#base = parts.base.hold(target, this.#reading);
    parts.turns.join(this);
  }

  get reading(): CgroupReading | null {
    return this.#base.present ? this.#reading : null;
  }

  readDetail(): void {
    this.#parts.detail.readNow(this.#target, this.#reading);
  }

  watch(): Disposable {
    if (this.#watchers++ === 0 && !this.#ended) {
      this.#parts.turns.leave(this);
      this.#detail = this.#parts.detail.hold(this.#target, this.#reading);
    }
    let watching = true;
    return {
      [Symbol.dispose]: () => {
        if (!watching) return;
        watching = false;
        if (--this.#watchers > 0 || this.#ended) return;
        this.#letGo();
        this.#parts.turns.join(this);
      },
    };
  }

  [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#parts.turns.leave(this);
    this.#letGo();
    this.#base[Symbol.dispose]();
  }

  #letGo(): void {
    this.#detail?.[Symbol.dispose]();
    this.#detail = null;
  }
}
