import type { DatabaseSync } from 'node:sqlite';

/** Statements that take a schema from its last version to the next; never changed once released. */
export type Migration = string;

/**
 * Brings a database to the newest version of its schema, each step whole or not at all. Throws for one that a newer Plimsoll
 * has written: what that means is not known here.
 */
export function migrate(database: DatabaseSync, migrations: readonly Migration[]): void {
  database.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT');
  const row = database.prepare('SELECT version FROM schema_version').get() as { version: number } | undefined;
  const present = row?.version ?? 0;
  if (present > migrations.length) {
    throw new Error(`this database has version ${present} of its schema, and this Plimsoll knows ${migrations.length}`);
  }
  for (const [index, migration] of migrations.entries()) {
    if (index < present) continue;
    inTransaction(database, () => {
      database.exec(migration);
      database.exec('DELETE FROM schema_version');
      database.prepare('INSERT INTO schema_version VALUES (?)').run(index + 1);
    });
  }
}

/** All of it, or nothing where `work` throws. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
