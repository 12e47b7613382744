import type { CgroupReading, SampledCgroup } from '@plimsoll/core';
import { Follower, type Figures } from './figures.ts';
import { RowHistory, type History } from './history.ts';
import type { UpperSize, UpperSizes } from './upper-sizes.ts';

/** What a container has and a group has not: a network and an upper layer of its own. */
export interface Own {
  /** Of its first process. */
  pid: number;
  /** The layer's directory. */
  upper: string;
}

/** One row of sample frames: a cgroup while it is there, and its last ten minutes. */
export class Row {
  readonly handle: number;
  readonly cgroupPath: string;
  readonly history: RowHistory;
  /** Live rates are counted from reading to reading, kept ones from slot to slot: mostly the same. */
  readonly #live = new Follower();
  readonly #kept: Follower;
  /** Null: it is not there to be read. */
  #cgroup: SampledCgroup | null = null;
  #own: Own | null = null;
  #upper: UpperSize | null = null;
  #isWatched = false;
  #watching: Disposable | null = null;
  #figures: Figures | null = null;

  constructor(handle: number, cgroupPath: string, clock: History, keepsEachTick: boolean) {
    this.handle = handle;
    this.cgroupPath = cgroupPath;
    this.history = new RowHistory(clock);
    this.#kept = keepsEachTick ? this.#live : new Follower();
  }

  /** Null: nothing was read at the last tick. The same object each time. */
  get figures(): Figures | null {
    return this.#figures;
  }

  get cgroup(): SampledCgroup | null {
    return this.#cgroup;
  }

  get own(): Own | null {
    return this.#own;
  }

  open(cgroup: SampledCgroup): void {
    this.#close();
    this.#cgroup = cgroup;
    this.watch(this.#isWatched);
  }

  /** What is its own from now on. */
  begin(own: Own | null, uppers: UpperSizes): void {
    this.#own = own;
    this.#upper?.[Symbol.dispose]();
    this.#upper = own === null ? null : uppers.follow(own.upper);
  }

  /** Its history stays. */
  stop(): void {
    this.#close();
    this.#upper?.[Symbol.dispose]();
    this.#upper = null;
    this.#own = null;
    this.#figures = null;
    this.#live.restart();
    this.#kept.restart();
  }

  /** Figures of the reading that was just taken; kept in the clock's present slot if `keep`. */
  tick(keep: boolean): void {
    const reading = this.#cgroup?.reading ?? null;
    if (reading === null) {
      this.#figures = null;
      this.#live.restart();
      if (!keep) return;
      this.#kept.restart();
      return this.history.expire();
    }
    const diskUpperBytes = this.#upper?.bytes ?? Number.NaN;
    this.#figures = this.#live.take(reading);
    this.#figures.diskUpperBytes = diskUpperBytes;
    if (!keep) return;
    const kept = this.#kept === this.#live ? this.#figures : this.#kept.take(reading);
    kept.diskUpperBytes = diskUpperBytes;
    this.history.put(kept);
  }

  /** Figures from the last tick to a reading of this moment. */
  until(reading: CgroupReading): Figures {
    return { ...this.#live.until(reading), diskUpperBytes: this.#upper?.bytes ?? Number.NaN };
  }

  /** Whether every reading is of all columns. */
  watch(isWatched: boolean): void {
    this.#isWatched = isWatched;
    if (isWatched) return void (this.#watching ??= this.#cgroup?.watch() ?? null);
    this.#watching?.[Symbol.dispose]();
    this.#watching = null;
  }

  #close(): void {
    this.#watching?.[Symbol.dispose]();
    this.#watching = null;
    this.#cgroup?.[Symbol.dispose]();
    this.#cgroup = null;
  }
}
