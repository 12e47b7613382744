import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { TimeSpan } from '@plimsoll/protocol';
import { inTransaction } from '../database/migrate.ts';
import { decodeChunk, encodeChunk } from './chunk-codec.ts';
import type { Chunk } from './chunk.ts';
import { FINEST, GRAINS, type Grain, type GrainName } from './grains.ts';
import { followClock } from './move-with-clock.ts';

/** Whose samples. */
export interface ChartSubject {
  kind: 'container' | 'group';
  /** A container's id, a group's path. */
  subject: string;
}

interface ChunkRow {
  from_ms: number;
  chunk: Uint8Array;
}

/** The chunks of every grain as their thread has them. Blocks. */
export class ChartStore implements Disposable {
  readonly database: DatabaseSync;
  readonly #series = new Map<string, number>();
  readonly #findSeries: StatementSync;
  readonly #addSeries: StatementSync;
  readonly #puts: ReadonlyMap<GrainName, StatementSync>;
  readonly #gets: ReadonlyMap<GrainName, StatementSync>;
  readonly #seeFurther: StatementSync;

  constructor(database: DatabaseSync) {
    this.database = database;
    this.#findSeries = database.prepare('SELECT id FROM series WHERE kind = ? AND subject = ?');
    this.#addSeries = database.prepare(
      'INSERT INTO series (kind, subject, followed) VALUES (?, ?, (SELECT MAX(id) FROM clock_steps)) RETURNING id',
    );
    const forGrains = (sql: (name: GrainName) => string) =>
      new Map(GRAINS.map(({ name }) => [name, database.prepare(sql(name))] as const));
    this.#puts = forGrains(
      (name) =>
        `INSERT INTO ${name} VALUES (?, ?, ?, ?) ON CONFLICT (series, from_ms) DO UPDATE SET to_ms = excluded.to_ms, chunk = excluded.chunk`,
    );
    this.#gets = forGrains(
      (name) => `SELECT from_ms, chunk FROM ${name} WHERE series = ? AND from_ms < ? AND to_ms > ? ORDER BY from_ms`,
    );
    this.#seeFurther = database.prepare(
      'INSERT INTO seen (from_ms, to_ms) VALUES (?, ?) ON CONFLICT (from_ms) DO UPDATE SET to_ms = excluded.to_ms',
    );
  }

  /** Samples as they were taken. `seen`: the time in which this agent was there. */
  add(chunks: readonly (ChartSubject & { chunk: Chunk })[], seen: { from: number; to: number }): void {
    try {
      inTransaction(this.database, () => {
        this.#seeFurther.run(Math.floor(seen.from), Math.floor(seen.to));
        for (const { chunk, ...subject } of chunks) this.put(FINEST, this.#seriesOf(subject), chunk);
      });
    } catch (error) {
      // Of a transaction that was rolled back.
      this.forgetSeries();
      throw error;
    }
  }

  put({ name, sparedBits }: Grain, series: number, chunk: Chunk): void {
    const { fromMs, stepMs, counts } = chunk;
    const toMs = Math.ceil(fromMs + stepMs * counts.length);
    this.#puts.get(name)?.run(series, Math.floor(fromMs), toMs, encodeChunk(chunk, sparedBits));
  }

  /** Those that reach into a span of time. */
  chunks(grain: GrainName, series: number, fromMs: number, toMs: number): Chunk[] {
    const rows = this.#gets.get(grain)?.all(series, Math.ceil(toMs), Math.floor(fromMs)) as unknown as ChunkRow[];
    return rows.flatMap((row) => readable(row));
  }

  /** Null: nothing of it is kept. Its times are by the clock as it is. */
  find({ kind, subject }: ChartSubject): number | null {
    const found = this.#findSeries.get(kind, subject) as { id: number } | undefined;
    if (found !== undefined) followClock(this.database, found.id);
    return found?.id ?? null;
  }

  /** Spans between the times in which an agent was there, from the first of these on. */
  unseen(fromMs: number, toMs: number): TimeSpan[] {
    const seen = this.database
      .prepare('SELECT from_ms, to_ms FROM seen WHERE to_ms >= ? ORDER BY from_ms')
      .all(Math.floor(fromMs)) as { from_ms: number; to_ms: number }[];
    const before = this.database.prepare('SELECT MAX(to_ms) AS to_ms FROM seen WHERE to_ms < ?').get(Math.floor(fromMs)) as {
      to_ms: number | null;
    };
    const spans: TimeSpan[] = [];
    let endMs = before.to_ms;
    for (const { from_ms: beginMs, to_ms: untilMs } of seen) {
      const span = { from: Math.max(endMs ?? beginMs, fromMs), to: Math.min(beginMs, toMs) };
      if (span.from < span.to) spans.push(span);
      endMs = Math.max(endMs ?? untilMs, untilMs);
    }
    return spans;
  }

  /** Every series must be looked up again: the clock was set. */
  forgetSeries(): void {
    this.#series.clear();
  }

  /** Lets go of the names of what nothing is kept of. */
  dropEmptySeries(): void {
    const kept = GRAINS.map(({ name }) => `SELECT series FROM ${name}`).join(' UNION ');
    this.database.prepare(`DELETE FROM series WHERE id NOT IN (${kept})`).run();
    this.#series.clear();
  }

  [Symbol.dispose](): void {
    this.database.close();
  }

  #seriesOf({ kind, subject }: ChartSubject): number {
    const key = `${kind} ${subject}`;
    let id = this.#series.get(key) ?? this.find({ kind, subject });
    id ??= (this.#addSeries.get(kind, subject) as { id: number }).id;
    this.#series.set(key, id);
    return id;
  }
}

/** Nothing for a chunk that is damaged: the chart has a gap there. */
function readable({ from_ms: fromMs, chunk }: ChunkRow): Chunk[] {
  try {
    return [decodeChunk(fromMs, chunk)];
  } catch {
    return [];
  }
}
