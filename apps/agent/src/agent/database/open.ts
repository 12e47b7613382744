import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { migrate, type Migration } from './migrate.ts';

/**
 * Opens or makes a database that survives a power cut (`full`: each commit is on disk before it returns) or a kill of this
 * process (`normal`: the last commits may be lost with the power, and nothing is torn).
 */
export function openDatabase(path: string, migrations: readonly Migration[], durability: 'full' | 'normal'): DatabaseSync {
  makePrivate(path);
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability}; PRAGMA foreign_keys = ON;`);
    migrate(database, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Only root may read it. SQLite gives the WAL files the mode of the database. */
function makePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600);
}
