import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { writeFailure } from '../../disk-failure.ts';
import { damage, requireFile, sizeOf } from './damage.ts';
import { migrate, type Migration } from './migrate.ts';
import { holdWal, keepSpace, returnWal, type Space } from './space.ts';
import { lockingMode } from './wal-index.ts';

/** SQLITE_CANTOPEN (sqlite.org/rescode.html): a file beside the database cannot be made. */
const CANNOT_OPEN = 14;
/** SQLite's name of a database that has no file. */
const IN_MEMORY = ':memory:';

/**
 * Opens or makes a database that survives a power cut (`full`: each commit is on disk before it returns) or a kill of this
 * process (`normal`: the last commits may be lost with the power, and nothing is torn). One that keeps `space` takes records on a full
 * disk; any other can be read there. Throws damage (damage.ts) where any page of it is not what it should be.
 */
export function openDatabase(
  path: string,
  migrations: readonly Migration[],
  durability: 'full' | 'normal',
  space: Space | null = null,
): DatabaseSync {
  if (path !== IN_MEMORY) prepareFiles(path);
  if (space !== null) returnWal(path);
  let database: DatabaseSync;
  try {
    database = open(path, migrations, durability, path === IN_MEMORY ? 'NORMAL' : lockingMode(path));
  } catch (error) {
    if (!isForWantOfRoom(error)) throw error;
    database = open(path, migrations, durability, 'EXCLUSIVE');
  }
  if (space !== null) keepSpace(database, path, space);
  return database;
}

/** Closes a database that keeps space, which goes on to be kept. */
export function closeDatabase(database: DatabaseSync, path: string): void {
  holdWal(path);
  database.close();
}

/** `EXCLUSIVE`: the index of the WAL needs no file. */
function open(
  path: string,
  migrations: readonly Migration[],
  durability: string,
  locking: ReturnType<typeof lockingMode>,
): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    database.exec(`PRAGMA locking_mode = ${locking}; PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability};`);
    database.exec('PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;');
    requireSound(database);
    migrate(database, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function isForWantOfRoom(error: unknown): boolean {
  const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  return writeFailure(error) !== null || (errcode & 0xff) === CANNOT_OPEN;
}

/** Reads each page, some 7 ms a MB; whether indexes agree with their tables takes seven times as long, and is for later (full-check.ts). */
function requireSound(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (row.quick_check !== 'ok') throw damage(row.quick_check);
}

function prepareFiles(path: string): void {
  for (const file of filesOf(path)) requireFile(file);
  // SQLite would delete the WAL.
  if (sizeOf(path) === 0 && sizeOf(`${path}-wal`) !== 0) throw damage(`${path} is missing or empty beside its WAL`);
  makePrivate(path);
}

/** Only root may read it. SQLite gives the WAL files the mode of the database. */
function makePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  for (const file of filesOf(path)) if (existsSync(file)) chmodSync(file, 0o600);
}

function filesOf(path: string): string[] {
  return [path, `${path}-wal`, `${path}-shm`];
}
