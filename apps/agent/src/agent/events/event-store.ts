import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventPage, EventQuery, LoggedEvent } from '@plimsoll/protocol';
import { copyReadable } from '../database/copy-readable.ts';
import { openDamagedCopy, type Damaged } from '../database/damaged-copy.ts';
import { inTransaction } from '../database/migrate.ts';
import { COLUMNS, eventOf, rowOf, type EventRow } from './event-row.ts';
import { newEvent, type NewEvent } from './new-event.ts';
import { where } from './where.ts';

export interface Retention {
  /** An event that is older is dropped. */
  ageMs: number;
  /** So many of the newest are kept. */
  rows: number;
}

/** What is appended at once, whole or not at all. A null value: nothing is known of that thing any more. */
export interface Batch {
  events: readonly NewEvent[];
  known: readonly (readonly [thing: string, value: string | null])[];
}

/** Trimming goes by this part of the rows at once, so that a full log does not get a marker with each event. */
const SLACK = 0.1;

/** The log as its thread has it. Blocks; one of them has a database open. */
export class EventStore {
  readonly #database: DatabaseSync;
  readonly #retention: Retention;
  readonly #host: string;
  readonly #add: StatementSync;
  readonly #know: StatementSync;
  readonly #forget: StatementSync;
  #last: number;
  #count: number;

  /** `host`: its id, which new events get. */
  constructor(database: DatabaseSync, retention: Retention, host: string) {
    this.#database = database;
    this.#retention = retention;
    this.#host = host;
    const marks = COLUMNS.map(() => '?').join(', ');
    this.#add = database.prepare(`INSERT INTO events (${COLUMNS.join(', ')}) VALUES (${marks}) ON CONFLICT (once) DO NOTHING`);
    this.#know = database.prepare(
      'INSERT INTO known (thing, value) VALUES (?, ?) ON CONFLICT (thing) DO UPDATE SET value = excluded.value',
    );
    this.#forget = database.prepare('DELETE FROM known WHERE thing = ?');
    ({ last: this.#last, count: this.#count } = this.#extent());
  }

  /** What the log was last told of each thing. */
  known(): [thing: string, value: string][] {
    const rows = this.#database.prepare('SELECT thing, value FROM known').all() as { thing: string; value: string }[];
    return rows.map(({ thing, value }) => [thing, value]);
  }

  /** Those that were new, in the log; a marker behind them where they made it drop its oldest. */
  append({ events, known }: Batch): LoggedEvent[] {
    const added = this.#wholly(() => {
      const inserted = events.flatMap((event) => this.#insert(event));
      for (const [thing, value] of known) {
        if (value === null) this.#forget.run(thing);
        else this.#know.run(thing, value);
      }
      return inserted;
    });
    return this.#count > this.#retention.rows * (1 + SLACK) ? [...added, ...this.trim(Date.now(), null)] : added;
  }

  list({ limit, ...query }: EventQuery): EventPage {
    const { sql, values } = where(query);
    const rows = this.#database
      .prepare(`SELECT ${COLUMNS.join(', ')} FROM events ${sql} ORDER BY seq DESC LIMIT ?`)
      .all(...values, limit) as unknown as EventRow[];
    return { events: rows.map((row) => eventOf(row, this.#host)), last: this.#last };
  }

  /**
   * Drops what is too old or too much, and leaves an event that says what. Nothing where there is nothing to drop. `settledMs`: now, by a
   * clock that can be trusted; null: nothing is dropped for its age.
   */
  trim(now: number, settledMs: number | null = now): LoggedEvent[] {
    const below = this.#keepFrom(settledMs ?? 0);
    const dropped = this.#database
      .prepare('SELECT COUNT(*) AS dropped, MIN(at) AS oldest, MAX(at) AS newest, MIN(seq) AS first FROM events WHERE seq < ?')
      .get(below) as { dropped: number; oldest: number; newest: number; first: number };
    if (dropped.dropped === 0) return [];
    return this.#wholly(() => {
      this.#database.prepare('UPDATE retention SET below = ?, dropped = dropped + ?').run(below, dropped.dropped);
      this.#database.prepare('DELETE FROM events WHERE seq < ?').run(below);
      this.#count -= dropped.dropped;
      const { total } = this.#database.prepare('SELECT dropped AS total FROM retention').get() as { total: number };
      const detail = { ...dropped, last: below - 1, droppedEver: total };
      return this.#insert(newEvent({ at: now, kind: 'log.trimmed', subject: 'log', detail }));
    });
  }

  /** Takes what can be read of a damaged file at `kept`; this one is at `path`. */
  carryOver(damaged: Damaged, path: string): void {
    using copy = openDamagedCopy(damaged, { path, like: this.#database });
    copyReadable(copy.database, this.#database, 'events');
    copyReadable(copy.database, this.#database, 'known');
    ({ last: this.#last, count: this.#count } = this.#extent());
  }

  close(): void {
    this.#database.close();
  }

  #extent(): { last: number; count: number } {
    const sql = 'SELECT COALESCE(MAX(seq), 0) AS last, COUNT(*) AS count FROM events';
    return this.#database.prepare(sql).get() as { last: number; count: number };
  }

  /** The first that stays. In order of writing: what was found out late stays as long as what was written beside it. */
  #keepFrom(now: number): number {
    const { ageMs, rows } = this.#retention;
    const young = this.#database.prepare('SELECT MIN(seq) AS seq FROM events WHERE at >= ?').get(now - ageMs) as {
      seq: number | null;
    };
    const byAge = young.seq ?? this.#last + 1;
    if (this.#count <= rows) return byAge;
    // Numbers have no gaps but where the power failed: this many of them are this many events, or fewer.
    return Math.max(byAge, this.#last + 1 - rows);
  }

  /** What is counted here goes back with what the database takes back. */
  #wholly<T>(work: () => T): T {
    const [last, count] = [this.#last, this.#count];
    try {
      return inTransaction(this.#database, work);
    } catch (error) {
      [this.#last, this.#count] = [last, count];
      throw error;
    }
  }

  #insert(event: NewEvent): LoggedEvent[] {
    const { changes } = this.#add.run(...rowOf(this.#last + 1, event, this.#host));
    if (changes === 0) return [];
    this.#last += 1;
    this.#count += 1;
    const { once: _once, ...told } = event;
    return [{ ...told, seq: this.#last, host: this.#host }];
  }
}
