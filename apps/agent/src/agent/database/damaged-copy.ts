import { closeSync, copyFileSync, existsSync, openSync, readSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isDamage, requireFile } from './damage.ts';
import { lockingMode } from './wal-index.ts';

/** The header of a database file (sqlite.org/fileformat.html, 1.3). */
const HEADER_BYTES = 100;
const CHANGE_COUNTER_AT = 24;
const SUFFIXES = ['', '-wal', '-shm'];

/** A damaged database: where it is, and the name that it gets when another takes its place. */
export interface Damaged {
  path: string;
  kept: string;
}

/**
 * Opens a copy of a damaged database, so that reading changes nothing of the one that is kept; disposing closes and deletes it. `like` is the
 * new database at `path`, whose header replaces one that is damaged. Throws where nothing can be read.
 */
export function openDamagedCopy(
  damaged: Damaged,
  { path, like }: { path: string; like: DatabaseSync },
): { database: DatabaseSync } & Disposable {
  const copy = workingCopy(path);
  removeWorkingCopy(path);
  const close = (): void => removeWorkingCopy(path);
  try {
    copyDatabase(damaged.path, copy);
    const isEmpty = statSync(copy).size === 0;
    const database = (isEmpty ? null : openReadable(copy)) ?? withHeaderOf(copy, { path, like });
    if (database === null) throw new Error('not even the names of its tables can be read');
    return {
      database,
      [Symbol.dispose]: () => {
        database.close();
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Of an absent file with a WAL an empty one: all of it may be in the WAL. Throws damage for what is no file. */
function copyDatabase(from: string, to: string): void {
  for (const suffix of ['', '-wal']) {
    requireFile(from + suffix);
    if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix);
    else if (suffix === '') writeFileSync(to, '', { mode: 0o600 });
  }
}

/** What a kill in the middle of a copy left. */
export function removeWorkingCopy(path: string): void {
  for (const suffix of SUFFIXES) rmSync(workingCopy(path) + suffix, { force: true, recursive: true });
}

function workingCopy(path: string): string {
  return `${path}.carrying-over`;
}

/** Null: it is damaged so that there is no schema in it. */
function openReadable(path: string): DatabaseSync | null {
  const database = new DatabaseSync(path);
  try {
    // An entry of the schema that makes no sense does not keep the others from being used; a cell that overlaps another is damage.
    database.exec(`PRAGMA locking_mode = ${lockingMode(path)}; PRAGMA writable_schema = ON; PRAGMA cell_size_check = ON;`);
    const row = database.prepare("SELECT COUNT(*) AS tables FROM sqlite_schema WHERE type = 'table'").get();
    if (Number(row?.['tables']) > 0) return database;
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  database.close();
  return null;
}

function withHeaderOf(copy: string, { path, like }: { path: string; like: DatabaseSync }): DatabaseSync | null {
  // Its own is in the file then, and not in the WAL alone.
  like.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const { page_size: pageBytes } = like.prepare('PRAGMA page_size').get() as { page_size: number };
  // SQLite reads no WAL of a file that has no page.
  const first = Buffer.alloc(statSync(copy).size < pageBytes ? pageBytes : HEADER_BYTES);
  const whole = openSync(path, 'r');
  readSync(whole, first, 0, first.length, 0);
  closeSync(whole);
  // Other than the version that its size is valid for: SQLite takes the file's.
  first.writeUInt32BE(first.readUInt32BE(CHANGE_COUNTER_AT) + 1, CHANGE_COUNTER_AT);
  const damaged = openSync(copy, 'r+');
  writeSync(damaged, first, 0, first.length, 0);
  closeSync(damaged);
  return openReadable(copy);
}
