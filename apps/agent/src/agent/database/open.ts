import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { damage, requireFile, sizeOf } from './damage.ts';
import { migrate, type Migration } from './migrate.ts';

/**
 * Opens or makes a database that survives a power cut (`full`: each commit is on disk before it returns) or a kill of this
 * process (`normal`: the last commits may be lost with the power, and nothing is torn). Throws damage (damage.ts) where any page or index
 * of it is not what it should be.
 */
export function openDatabase(path: string, migrations: readonly Migration[], durability: 'full' | 'normal'): DatabaseSync {
  for (const file of filesOf(path)) requireFile(file);
  // SQLite would delete it.
  if (sizeOf(path) === 0 && sizeOf(`${path}-wal`) !== 0) throw damage(`${path} is missing or empty beside its WAL`);
  makePrivate(path);
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability}; PRAGMA foreign_keys = ON;`);
    requireSound(database);
    migrate(database, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Reads the whole file: some 2 ms a MB. */
function requireSound(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA integrity_check(1)').get() as { integrity_check: string };
  if (row.integrity_check !== 'ok') throw damage(row.integrity_check);
}

/** Only root may read it. SQLite gives the WAL files the mode of the database. */
function makePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  for (const file of filesOf(path)) if (existsSync(file)) chmodSync(file, 0o600);
}

function filesOf(path: string): string[] {
  return [path, `${path}-wal`, `${path}-shm`];
}
