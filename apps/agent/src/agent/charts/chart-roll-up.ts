import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { inTransaction } from '../database/migrate.ts';
import { Accumulator } from './accumulator.ts';
import type { ChartStore } from './chart-store.ts';
import { followNext } from './move-with-clock.ts';
import { COARSER, COARSEST, finerThan, FINEST, GRAINS, type ChartRetention, type Grain, type GrainName } from './grains.ts';

/** Before a chunk's time counts as over: samples of it are kept a minute after they were taken. */
const SETTLED_MS = 180_000;
/** Others of this thread's callers wait no longer than about this. */
const WORK_MS = 40;
/** Chunks of samples may be longer than they are to be, where there was a gap. */
const LONGEST_CHUNKS = 3;

/** Under way: a chunk of every series that has something in it. */
interface Window {
  grain: Grain;
  fromMs: number;
  /** The next series to look at. */
  series: number[];
}

/** Makes coarser grains of finer ones, a little at a time, and drops what is older than is to be kept. */
export class ChartRollUp {
  readonly #store: ChartStore;
  readonly #database: DatabaseSync;
  readonly #until: Record<GrainName, number> = { seconds: 0, tens: 0, fives: 0, hours: 0 };
  readonly #setUntil: StatementSync;
  #window: Window | null = null;
  /** Some series may not have followed the clock yet. */
  #isFollowing = true;

  constructor(store: ChartStore) {
    this.#store = store;
    this.#database = store.database;
    this.#setUntil = this.#database.prepare(
      'INSERT INTO rolled_up (grain, until_ms) VALUES (?, ?) ON CONFLICT (grain) DO UPDATE SET until_ms = excluded.until_ms',
    );
    this.reload();
  }

  /** As it is stored, after the clock was set. */
  reload(): void {
    this.#store.forgetSeries();
    this.#isFollowing = true;
    const rows = this.#database.prepare('SELECT grain, until_ms FROM rolled_up').all() as { grain: string; until_ms: number }[];
    Object.assign(this.#until, Object.fromEntries(rows.map((row) => [row.grain, row.until_ms])));
    this.#window = null;
  }

  /** Up to when a grain is whole. The finest always is. */
  until({ name }: Grain): number {
    return name === FINEST.name ? Number.POSITIVE_INFINITY : this.#until[name];
  }

  /** Whether there is more to do. Done again after a kill, it comes out the same. `retention` null: nothing is dropped. */
  run(nowMs: number, retention: ChartRetention | null): boolean {
    const startedAt = performance.now();
    do {
      // Times of all series are compared below.
      this.#isFollowing = this.#isFollowing && followNext(this.#database);
      if (this.#isFollowing) continue;
      this.#window ??= this.#nextWindow(nowMs);
      if (this.#window === null) {
        if (retention !== null) this.#drop(nowMs, retention);
        return false;
      }
      this.#work(this.#window);
    } while (performance.now() - startedAt < WORK_MS);
    return true;
  }

  /** The earliest that is over and not made yet, finer grains first: the coarser are made of them. */
  #nextWindow(nowMs: number): Window | null {
    let wholeMs = nowMs - SETTLED_MS;
    for (const grain of COARSER) {
      const finer = finerThan(grain);
      const fromMs = this.#nextBegin(grain, finer);
      if (fromMs === null) continue;
      if (fromMs + grain.chunkMs <= wholeMs) {
        return { grain, fromMs, series: this.#seriesIn(finer, fromMs, fromMs + grain.chunkMs) };
      }
      wholeMs = Math.min(wholeMs, fromMs);
    }
    return null;
  }

  /** Null: of the finer grain there is nothing that is not in it. */
  #nextBegin({ name, chunkMs }: Grain, finer: Grain): number | null {
    const first = this.#database
      .prepare(`SELECT MIN(from_ms) AS ms FROM ${finer.name} WHERE to_ms > ? AND from_ms >= ?`)
      .get(this.#until[name], this.#until[name] - LONGEST_CHUNKS * finer.chunkMs) as { ms: number | null };
    return first.ms === null ? null : Math.max(this.#until[name], Math.floor(first.ms / chunkMs) * chunkMs);
  }

  #seriesIn(finer: Grain, fromMs: number, toMs: number): number[] {
    const series = this.#database
      .prepare(`SELECT DISTINCT series FROM ${finer.name} WHERE from_ms < ? AND from_ms >= ? AND to_ms > ?`)
      .all(toMs, fromMs - LONGEST_CHUNKS * finer.chunkMs, fromMs) as { series: number }[];
    return series.map((row) => row.series);
  }

  /** One series; or, where none is left, the end of the window. */
  #work(window: Window): void {
    const { grain, fromMs, series } = window;
    const toMs = fromMs + grain.chunkMs;
    const one = series.pop();
    if (one === undefined) {
      this.#setUntil.run(grain.name, toMs);
      this.#until[grain.name] = toMs;
      this.#window = null;
      return;
    }
    const sums = new Accumulator(fromMs, grain.stepMs, grain.chunkMs / grain.stepMs);
    for (const chunk of this.#store.chunks(finerThan(grain).name, one, fromMs, toMs)) sums.add(chunk);
    const chunk = sums.chunk();
    if (chunk.counts.some((count) => count > 0)) this.#store.put(grain, one, chunk);
  }

  #drop(nowMs: number, retention: ChartRetention): void {
    inTransaction(this.#database, () => {
      let dropped = 0;
      for (const { name } of GRAINS) {
        const { changes } = this.#database
          .prepare(`DELETE FROM ${name} WHERE from_ms < ?`)
          .run(Math.floor(nowMs - retention[name]));
        if (name === COARSEST.name) dropped = Number(changes);
      }
      this.#database.prepare('DELETE FROM seen WHERE to_ms < ?').run(Math.floor(nowMs - retention[COARSEST.name]));
      if (dropped > 0) this.#store.dropEmptySeries();
    });
  }
}
