import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { isDamage } from './damage.ts';
import { inTransaction } from './migrate.ts';

/** Past every key: ids and times in ms are below it. */
const LAST_KEY = 2n ** 53n;

/**
 * Copies the rows of a table that can be read into the same table of another database, as far as both have its columns. What is in a damaged page
 * is left out, and so are rows that the new table refuses. Returns how many are in the new table then.
 */
export function copyReadable(from: DatabaseSync, to: DatabaseSync, table: string): number {
  const columns = common(columnsOf(from, table), columnsOf(to, table));
  const key = keyOf(to, table);
  if (columns.length === 0) return 0;
  const names = columns.join(', ');
  const select = from.prepare(`SELECT ${key}, ${names} FROM ${table} WHERE ${key} >= ? ORDER BY ${key}`);
  select.setReadBigInts(true);
  select.setReturnArrays(true);
  const insert = to.prepare(`INSERT OR IGNORE INTO ${table} (${names}) VALUES (${columns.map(() => '?').join(', ')})`);
  inTransaction(to, () => copyFrom(select, insert));
  const { rows } = to.prepare(`SELECT COUNT(*) AS rows FROM ${table}`).get() as { rows: number };
  return rows;
}

/**
 * In the order of the key. After a page that cannot be read the next key is looked for further and further on: what is left out is at most
 * twice as many keys as the page has.
 */
function copyFrom(select: StatementSync, insert: StatementSync): void {
  for (let key = 0n, step = 1n; key < LAST_KEY; step *= 2n) {
    let last: bigint | null = null;
    try {
      for (const row of select.iterate(key) as Iterable<unknown>) {
        const [at, ...values] = row as [bigint, ...SQLInputValue[]];
        last = at;
        tryInsert(insert, values);
      }
      return;
    } catch (error) {
      if (!isDamage(error)) throw error;
      if (last !== null) step = 1n;
      key = (last ?? key) + step;
    }
  }
}

/** A value that a flipped bit has made another type, a key that is there already, a row that belongs to nothing. */
function tryInsert(insert: StatementSync, values: SQLInputValue[]): void {
  try {
    insert.run(...values);
  } catch (error) {
    if (!isConstraint(error)) throw error;
  }
}

function isConstraint(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 19;
}

interface Column {
  name: string;
  pk: number;
}

function columnsOf(database: DatabaseSync, table: string): string[] {
  try {
    return (database.prepare(`PRAGMA table_info(${table})`).all() as unknown as Column[]).map(({ name }) => name);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return [];
  }
}

function common(some: readonly string[], others: readonly string[]): string[] {
  return others.filter((name) => some.includes(name));
}

/** What a table's b-tree is ordered by: its rowid, or the first column of its key where it has none. */
function keyOf(database: DatabaseSync, table: string): string {
  const row = database.prepare('SELECT wr FROM pragma_table_list WHERE name = ?').get(table) as { wr: number } | undefined;
  if (row?.wr !== 1) return 'rowid';
  const columns = database.prepare(`PRAGMA table_info(${table})`).all() as unknown as Column[];
  return columns.find(({ pk }) => pk === 1)?.name ?? 'rowid';
}
