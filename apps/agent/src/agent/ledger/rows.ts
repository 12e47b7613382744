import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { COLUMN_OF, each, QUANTITIES, type Reading } from './quantities.ts';
import { GRAINS, type Grain } from './schema.ts';

type Cells = readonly (bigint | null)[];

/** Of a reading, the instant first. */
export const READING_COLUMNS = ['at_ms', ...QUANTITIES.map((quantity) => COLUMN_OF[quantity])].join(', ');

/** `from`: where in a row READING_COLUMNS begin. */
export function toReading(row: Cells, from = 0): Reading {
  let next = from + 1;
  // In the order of QUANTITIES, which READING_COLUMNS are in.
  return { atMs: Number(row[from]), totals: each(() => row[next++] ?? null) };
}

/** The tables of readings: every total a BigInt. */
export class Rows {
  readonly #database: DatabaseSync;
  readonly #inserts = new Map<Grain, StatementSync>();
  readonly #ranges = new Map<Grain, StatementSync>();
  readonly #before: StatementSync;
  readonly #after: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    const nearest = (comparison: string, order: string) => {
      const ofGrain = (grain: Grain) =>
        `SELECT * FROM (SELECT ${READING_COLUMNS} FROM ${grain} WHERE segment = ? AND at_ms ${comparison} ? ORDER BY at_ms ${order} LIMIT 1)`;
      return this.prepare(
        `SELECT * FROM (${GRAINS.map(ofGrain).join(' UNION ALL ')}) AS nearest ORDER BY at_ms ${order} LIMIT 1`,
      );
    };
    this.#before = nearest('<=', 'DESC');
    this.#after = nearest('>', 'ASC');
  }

  /** Its rows are arrays, integers in them BigInts. */
  prepare(sql: string): StatementSync {
    const statement = this.#database.prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    return statement;
  }

  insert(grain: Grain, segment: number, { atMs, totals }: Reading): void {
    const insert = this.#remembered(this.#inserts, grain, () => {
      const places = QUANTITIES.map(() => '?').join(', ');
      return `INSERT INTO ${grain} (segment, ${READING_COLUMNS}) VALUES (?, ?, ${places})`;
    });
    insert.run(segment, atMs, ...QUANTITIES.map((quantity) => totals[quantity]));
  }

  /** The last of a segment up to an instant, of whatever grain there is. */
  before(segment: number, atMs: number): Reading | null {
    return this.#one(this.#before, segment, atMs);
  }

  /** The first of a segment after an instant. */
  after(segment: number, atMs: number): Reading | null {
    return this.#one(this.#after, segment, atMs);
  }

  /** Those of one grain after an instant and before another. */
  range(grain: Grain, segment: number, fromMs: number, toMs: number): Reading[] {
    const range = this.#remembered(
      this.#ranges,
      grain,
      () => `SELECT ${READING_COLUMNS} FROM ${grain} WHERE segment = ? AND at_ms > ? AND at_ms < ? ORDER BY at_ms`,
    );
    return (range.all(segment, fromMs, toMs) as unknown as Cells[]).map((row) => toReading(row));
  }

  #one(statement: StatementSync, segment: number, atMs: number): Reading | null {
    const row = statement.get(...GRAINS.flatMap(() => [segment, atMs])) as unknown as Cells | undefined;
    return row === undefined ? null : toReading(row);
  }

  #remembered(statements: Map<Grain, StatementSync>, grain: Grain, sql: () => string): StatementSync {
    const known = statements.get(grain) ?? this.prepare(sql());
    statements.set(grain, known);
    return known;
  }
}
