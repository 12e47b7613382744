import { GuardedEmitter } from '@plimsoll/core/guarded';
import type { CgroupReading, SampledCgroup } from '@plimsoll/core';
import { allocateSamples, CONTAINER_COLUMNS, GAP, TABLE_COLUMNS, type ColumnName } from '@plimsoll/protocol';
import type { Figures } from './figures.ts';
import { History, RowHistory } from './history.ts';
import { Row, type Own } from './row.ts';
import { encodeTableHistory } from './table-history.ts';
import { UpperSizes } from './upper-sizes.ts';
import { Metronome, monotonicMs, wallClockShiftMs } from './metronome.ts';

/** Below this much time between two readings a rate would be noise more than news. */
export const LEAST_RATE_MS = 50;

/** The reading side of core's cgroup sampler. */
export interface CgroupReader extends Disposable {
  add(cgroupPath: string, pid?: number | null): SampledCgroup;
  read(): void;
  /** One cgroup at this moment. Null: it is not there. */
  readOnce(cgroupPath: string, pid?: number | null): CgroupReading | null;
  /** The memory of one cgroup at this moment, and nothing else of it. Null: it is not there. */
  readMemory(cgroupPath: string): CgroupReading | null;
}

/** Reads every row at one pace, whoever watches, and remembers the last ten minutes of each. */
export class Sampler extends GuardedEmitter<{ tick: [] }> implements Disposable {
  readonly #reader: CgroupReader;
  readonly #rows = new Map<number, Row>();
  /** How many watch a row in full, which need not be there yet. */
  readonly #watchers = new Map<number, number>();
  readonly #clock: History;
  readonly #metronome: Metronome;
  readonly #uppers = new UpperSizes();
  readonly #keepsEachTick: boolean;
  #tickMs = monotonicMs();
  #tableFrame: Uint8Array<ArrayBuffer> | null = null;

  constructor(newReader: () => CgroupReader, intervalMs: number) {
    super();
    this.#reader = newReader();
    this.#clock = new History(intervalMs);
    this.#keepsEachTick = this.#clock.stepMs === intervalMs;
    this.#metronome = new Metronome(intervalMs, () => this.tick());
  }

  /** Begins, or goes on, to read a cgroup that is there now. `own`: of a container. */
  start(handle: number, cgroupPath: string, own: Own | null = null): void {
    let row = this.#rows.get(handle);
    if (row === undefined) {
      row = new Row(handle, cgroupPath, this.#clock, this.#keepsEachTick);
      this.#rows.set(handle, row);
      row.watch(this.#watchers.has(handle));
    }
    if (row.cgroup !== null && row.own?.pid === own?.pid) return;
    row.begin(own, this.#uppers);
    row.open(this.#reader.add(cgroupPath, own?.pid));
  }

  /** Its cgroup is gone, or about to go. Its history stays. */
  stop(handle: number): void {
    this.#rows.get(handle)?.stop();
  }

  forget(handle: number): void {
    this.stop(handle);
    this.#rows.delete(handle);
  }

  /** Until it is disposed of, every tick has all columns of this row as they are then; the others' are up to ten seconds old. */
  watch(handle: number): Disposable {
    this.#watchers.set(handle, (this.#watchers.get(handle) ?? 0) + 1);
    this.#rows.get(handle)?.watch(true);
    let watching = true;
    return {
      [Symbol.dispose]: () => {
        if (!watching) return;
        watching = false;
        const others = (this.#watchers.get(handle) ?? 0) - 1;
        if (others > 0) return void this.#watchers.set(handle, others);
        this.#watchers.delete(handle);
        this.#rows.get(handle)?.watch(false);
      },
    };
  }

  tick(): void {
    this.#tickMs = monotonicMs();
    this.#tableFrame = null;
    this.#reader.read();
    const keep = this.#clock.advance(this.#tickMs);
    for (const row of this.#rows.values()) {
      row.tick(keep);
      // Gone, though it is said to run: perhaps made anew at the same path, which open files of the old one do not see.
      if (row.cgroup !== null && row.figures === null) row.open(this.#reader.add(row.cgroupPath, row.own?.pid));
    }
    this.emit('tick');
  }

  /** The present figures of every row that has some; made once a tick, however many ask. */
  tableFrame(): Uint8Array<ArrayBuffer> {
    return (this.#tableFrame ??= this.#encode(
      this.#rows
        .values()
        .filter(({ figures }) => figures !== null)
        .toArray(),
      TABLE_COLUMNS,
    ));
  }

  /** The present figures of one row. Null: it has none. */
  rowFrame(handle: number): Uint8Array<ArrayBuffer> | null {
    const row = this.#rows.get(handle);
    return row === undefined || row.figures === null ? null : this.#encode([row], CONTAINER_COLUMNS);
  }

  /** The figures of one row at the last tick. Null: it has none. Good until the next tick. */
  figures(handle: number): Figures | null {
    return this.#rows.get(handle)?.figures ?? null;
  }

  /** The reading of one row at the last tick. Null: it has none. Good until the next tick. */
  reading(handle: number): CgroupReading | null {
    const row = this.#rows.get(handle);
    return row === undefined || row.figures === null ? null : (row.cgroup?.reading ?? null);
  }

  /**
   * The newest figures of one row, and their wall-clock time: of the last tick, or of a reading taken at this moment where that is
   * asked for or the last tick had none. Null: it is not there.
   */
  newest(handle: number, isReadNow: boolean): { at: number; figures: Figures } | null {
    const row = this.#rows.get(handle);
    if (row === undefined) return null;
    const now = isReadNow || row.figures === null ? this.#readNow(row) : null;
    if (now !== null) return { at: now.atMs + wallClockShiftMs(), figures: now.figures };
    return row.figures === null ? null : { at: this.#tickMs + wallClockShiftMs(), figures: row.figures };
  }

  /** The times at which figures are kept. */
  get clock(): History {
    return this.#clock;
  }

  /** What is kept of one row. Null: nothing is. */
  history(handle: number): RowHistory | null {
    return this.#rows.get(handle)?.history ?? null;
  }

  /** A cgroup at this moment. Null: it is not there. */
  readOnce(cgroupPath: string, pid: number | null = null): CgroupReading | null {
    return this.#reader.readOnce(cgroupPath, pid);
  }

  /** The memory of a cgroup at this moment. Null: it is not there. */
  readMemory(cgroupPath: string): CgroupReading | null {
    return this.#reader.readMemory(cgroupPath);
  }

  tableHistory(): Uint8Array<ArrayBuffer> {
    return encodeTableHistory(this.#clock, [...this.#rows.values()], wallClockShiftMs());
  }

  /** Every column of one row, up to a reading taken at this moment. */
  rowHistory(handle: number): Uint8Array<ArrayBuffer> {
    const row = this.#rows.get(handle);
    const history = row?.history ?? new RowHistory(this.#clock);
    return history.encode(handle, wallClockShiftMs(), row === undefined ? null : this.#readNow(row));
  }

  #readNow(row: Row): { atMs: number; figures: Figures } | null {
    if (row.cgroup === null || (row.figures !== null && monotonicMs() - this.#tickMs < LEAST_RATE_MS)) return null;
    const fresh = this.#reader.readOnce(row.cgroupPath, row.own?.pid);
    return fresh === null ? null : { atMs: Number(fresh.atNs) / 1e6, figures: row.until(fresh) };
  }

  #encode(rows: readonly Row[], names: readonly ColumnName[]): Uint8Array<ArrayBuffer> {
    const samples = allocateSamples(1, rows.length, names);
    samples.times[0] = this.#tickMs + wallClockShiftMs();
    for (const [r, { handle }] of rows.entries()) samples.handles[r] = handle;
    for (const name of names) {
      if (name === 'cpuUsageNs') {
        for (const [r, { figures }] of rows.entries()) samples.columns[name]![r] = figures?.cpuUsageNs ?? GAP;
      } else {
        for (const [r, { figures }] of rows.entries()) samples.columns[name]![r] = figures?.[name] ?? Number.NaN;
      }
    }
    return samples.bytes;
  }

  [Symbol.dispose](): void {
    this.#metronome[Symbol.dispose]();
    for (const handle of [...this.#rows.keys()]) this.forget(handle);
    this.#uppers[Symbol.dispose]();
    this.#reader[Symbol.dispose]();
  }
}
