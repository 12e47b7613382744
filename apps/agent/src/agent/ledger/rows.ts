import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { COLUMN_OF, each, QUANTITIES, type Reading } from './quantities.ts';
import { GRAINS, type Grain } from './schema.ts';

export type Row = Record<string, bigint | null>;

const COLUMNS = QUANTITIES.map((quantity) => COLUMN_OF[quantity]);

export function toReading(row: Row): Reading {
  return { atMs: Number(row['at_ms']), totals: each((quantity) => row[COLUMN_OF[quantity]] ?? null) };
}

/** The tables of readings: every total a BigInt. */
export class Rows {
  readonly #database: DatabaseSync;
  readonly #inserts = new Map<Grain, StatementSync>();
  readonly #before: StatementSync;
  readonly #after: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    const nearest = (comparison: string, order: string) =>
      this.prepare(
        `SELECT * FROM (${GRAINS.map((grain) => `SELECT * FROM (SELECT * FROM ${grain} WHERE segment = ? AND at_ms ${comparison} ? ORDER BY at_ms ${order} LIMIT 1)`).join(' UNION ALL ')}) AS nearest ORDER BY at_ms ${order} LIMIT 1`,
      );
    this.#before = nearest('<=', 'DESC');
    this.#after = nearest('>', 'ASC');
  }

  prepare(sql: string): StatementSync {
    const statement = this.#database.prepare(sql);
    statement.setReadBigInts(true);
    return statement;
  }

  insert(grain: Grain, segment: number, { atMs, totals }: Reading): void {
    let insert = this.#inserts.get(grain);
    if (insert === undefined) {
      const places = COLUMNS.map(() => '?').join(', ');
      insert = this.prepare(`INSERT INTO ${grain} (segment, at_ms, ${COLUMNS.join(', ')}) VALUES (?, ?, ${places})`);
      this.#inserts.set(grain, insert);
    }
    insert.run(segment, atMs, ...QUANTITIES.map((quantity) => totals[quantity]));
  }

  /** The last of a segment up to an instant, of whatever grain there is. */
  before(segment: number, atMs: number): Reading | null {
    const row = this.#before.get(...GRAINS.flatMap(() => [segment, atMs])) as Row | undefined;
    return row === undefined ? null : toReading(row);
  }

  /** The first of a segment after an instant. */
  after(segment: number, atMs: number): Reading | null {
    const row = this.#after.get(...GRAINS.flatMap(() => [segment, atMs])) as Row | undefined;
    return row === undefined ? null : toReading(row);
  }
}
