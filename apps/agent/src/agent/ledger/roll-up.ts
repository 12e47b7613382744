import type { DatabaseSync } from 'node:sqlite';
import { SHIFTED_SEGMENTS } from './boot-clocks.ts';
import { GRAINS, SPAN_MS, type Grain } from './schema.ts';

/** How long readings of each grain are kept, in ms. */
export interface Retention {
  minutesMs: number;
  hoursMs: number;
  daysMs: number;
}

/** Of a row of a grain, by the clock as it was seen last. */
const LABEL_MS = 'row.at_ms + COALESCE(shifted.shift_ms, 0)';
const labelled = (grain: Grain): string => `${grain} AS row LEFT JOIN shifted ON shifted.segment = row.segment`;

const FINER = { hours: 'minutes', days: 'hours' } as const;
/** Before an hour counts as over: readings of it may still be on their way. */
const SETTLED_MS = 60_000;

/**
 * Coarser grains hold rows of the finer, the last of each hour and day of a segment: totals are not added up and so cannot
 * come out differently.
 */
export class RollUp {
  readonly #database: DatabaseSync;
  readonly #until: Record<Exclude<Grain, 'minutes'>, number> = { hours: 0, days: 0 };

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.reload();
  }

  /** After a rollback. */
  reload(): void {
    const rows = this.#database.prepare('SELECT grain, until_ms FROM rolled_up').all() as { grain: Grain; until_ms: number }[];
    Object.assign(this.#until, { hours: 0, days: 0 }, Object.fromEntries(rows.map((row) => [row.grain, row.until_ms])));
  }

  /** Readings were labelled anew: of those that moved back, some are in no coarser grain though that was whole. In a transaction. */
  moved(byMs: number): void {
    if (byMs >= 0) return;
    for (const grain of ['hours', 'days'] as const) {
      this.#setUntil(grain, Math.max(0, Math.floor((this.#until[grain] + byMs) / SPAN_MS[grain]) * SPAN_MS[grain]));
    }
  }

  /** Coarser grains that are whole past an instant. */
  grainsPast(atMs: number): Grain[] {
    return GRAINS.filter((grain) => grain !== 'minutes' && atMs < this.#until[grain]);
  }

  /** In a transaction. `retention` null: nothing is dropped. */
  run(nowMs: number, retention: Retention | null): void {
    for (const grain of ['hours', 'days'] as const) {
      const untilMs = Math.floor((nowMs - SETTLED_MS) / SPAN_MS[grain]) * SPAN_MS[grain];
      if (untilMs > this.#until[grain]) this.#fill(grain, untilMs);
    }
    if (retention === null) return;
    this.#drop('minutes', Math.min(nowMs - retention.minutesMs, this.#until.hours));
    this.#drop('hours', Math.min(nowMs - retention.hoursMs, this.#until.days));
    this.#drop('days', nowMs - retention.daysMs);
  }

  #fill(grain: 'hours' | 'days', untilMs: number): void {
    const finer = FINER[grain];
    this.#database
      .prepare(
        `WITH ${SHIFTED_SEGMENTS} INSERT INTO ${grain} SELECT fine.* FROM ${finer} AS fine JOIN (
           SELECT row.segment, MAX(row.at_ms) AS at_ms FROM ${labelled(finer)} WHERE ${LABEL_MS} >= ? AND ${LABEL_MS} < ?
           GROUP BY row.segment, (${LABEL_MS}) / ${SPAN_MS[grain]}
         ) AS newest ON newest.segment = fine.segment AND newest.at_ms = fine.at_ms
         WHERE NOT EXISTS (SELECT 1 FROM ${grain} AS there WHERE there.segment = fine.segment AND there.at_ms = fine.at_ms)`,
      )
      .run(this.#until[grain], untilMs);
    this.#setUntil(grain, untilMs);
  }

  #setUntil(grain: 'hours' | 'days', untilMs: number): void {
    this.#database
      .prepare(
        'INSERT INTO rolled_up (grain, until_ms) VALUES (?, ?) ON CONFLICT (grain) DO UPDATE SET until_ms = excluded.until_ms',
      )
      .run(grain, untilMs);
    this.#until[grain] = untilMs;
  }

  #drop(grain: Grain, beforeMs: number): void {
    this.#database
      .prepare(
        `WITH ${SHIFTED_SEGMENTS} DELETE FROM ${grain} WHERE (segment, at_ms) IN (
           SELECT row.segment, row.at_ms FROM ${labelled(grain)} WHERE ${LABEL_MS} < ?)`,
      )
      .run(Math.floor(beforeMs));
  }
}
