import { EventEmitter } from 'node:events';
import type { CgroupReading, SampledCgroup } from '@plimsoll/core';
import { allocateSamples, CONTAINER_COLUMNS, GAP, TABLE_COLUMNS, type ColumnName } from '@plimsoll/protocol';
import { figuresBetween, type Figures } from './figures.ts';
import { History, RowHistory } from './history.ts';
import { encodeTableHistory } from './table-history.ts';
import { Metronome, monotonicMs, wallClockShiftMs } from './metronome.ts';

/** Below this much time between two readings a rate would be noise more than news. */
const LEAST_RATE_MS = 50;

/** The reading side of core's cgroup sampler. */
export interface CgroupReader extends Disposable {
  add(cgroupPath: string): SampledCgroup;
  read(): void;
}

interface Row {
  handle: number;
  cgroupPath: string;
  /** Null: its cgroup is not there to be read; what was read before is kept for ten minutes. */
  cgroup: SampledCgroup | null;
  /** The readings that live rates and kept rates are counted from. */
  live: CgroupReading | null;
  kept: CgroupReading | null;
  figures: Figures | null;
  history: RowHistory;
}

/** Reads every row at one pace, whoever watches, and remembers the last ten minutes of each. */
export class Sampler extends EventEmitter<{ tick: [] }> implements Disposable {
  readonly #newReader: () => CgroupReader;
  readonly #reader: CgroupReader;
  readonly #rows = new Map<number, Row>();
  readonly #clock: History;
  readonly #metronome: Metronome;
  #tickMs = monotonicMs();
  #tableFrame: Uint8Array<ArrayBuffer> | null = null;

  constructor(newReader: () => CgroupReader, intervalMs: number) {
    super();
    this.#newReader = newReader;
    this.#reader = newReader();
    this.#clock = new History(intervalMs);
    this.#metronome = new Metronome(intervalMs, () => this.tick());
  }

  /** Begins, or goes on, to read a cgroup that is there now. */
  start(handle: number, cgroupPath: string): void {
    const row = this.#rows.get(handle) ?? {
      handle,
      cgroupPath,
      cgroup: null,
      live: null,
      kept: null,
      figures: null,
      history: new RowHistory(this.#clock),
    };
    this.#rows.set(handle, row);
    row.cgroup ??= this.#reader.add(cgroupPath);
  }

  /** Its cgroup is gone, or about to go. Its history stays. */
  stop(handle: number): void {
    const row = this.#rows.get(handle);
    row?.cgroup?.[Symbol.dispose]();
    if (row !== undefined) Object.assign(row, { cgroup: null, live: null, kept: null, figures: null });
  }

  forget(handle: number): void {
    this.stop(handle);
    this.#rows.delete(handle);
  }

  tick(): void {
    this.#tickMs = monotonicMs();
    this.#tableFrame = null;
    this.#reader.read();
    const keep = this.#clock.advance(this.#tickMs);
    for (const row of this.#rows.values()) {
      const reading = row.cgroup?.reading ?? null;
      // Gone, though it is said to run: perhaps made anew at the same path, which open files of the old one do not see.
      if (row.cgroup !== null && reading === null) this.#reopen(row);
      row.figures = reading === null ? null : figuresBetween(row.live, reading);
      row.live = reading === null ? null : { ...reading };
      if (!keep) continue;
      if (row.live !== null) row.history.put(figuresBetween(row.kept, row.live));
      else row.history.expire();
      row.kept = row.live;
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

  tableHistory(): Uint8Array<ArrayBuffer> {
    return encodeTableHistory(this.#clock, [...this.#rows.values()], wallClockShiftMs());
  }

  /** Every column of one row, up to a reading taken at this moment. */
  rowHistory(handle: number): Uint8Array<ArrayBuffer> {
    const row = this.#rows.get(handle);
    const history = row?.history ?? new RowHistory(this.#clock);
    return history.encode(handle, wallClockShiftMs(), row === undefined ? null : this.#readNow(row));
  }

  #reopen(row: Row): void {
    row.cgroup?.[Symbol.dispose]();
    row.cgroup = this.#reader.add(row.cgroupPath);
  }

  #readNow({ cgroup, cgroupPath, live }: Row): { atMs: number; figures: Figures } | null {
    if (cgroup === null || (live !== null && monotonicMs() - this.#tickMs < LEAST_RATE_MS)) return null;
    using reader = this.#newReader();
    const fresh = reader.add(cgroupPath);
    reader.read();
    return fresh.reading === null
      ? null
      : { atMs: Number(fresh.reading.atNs) / 1e6, figures: figuresBetween(live, fresh.reading) };
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
    this.#reader[Symbol.dispose]();
  }
}
