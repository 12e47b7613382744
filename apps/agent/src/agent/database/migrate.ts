import type { DatabaseSync } from 'node:sqlite';
import { requireReadable, type FormatVersion } from '@plimsoll/protocol';

/**
 * Statements that take a schema from its last version to the next; never changed once released. They add tables, and columns that
 * may be null: a Plimsoll without them goes on with what it knows. What it would misread `breaks` it, a new major version.
 */
export type Migration = string | { breaks: string };

/** `version`: how many migrations it has; `least`: how many a reader must know. */
interface SchemaVersion {
  version: number;
  least: number;
}

/**
 * Brings a database to the newest version of its schema, each step whole or not at all; one of a newer minor version stays as it is.
 * Throws `newer-version` for one of a newer major version.
 */
export function migrate(database: DatabaseSync, migrations: readonly Migration[]): void {
  requireReadableSchema(database, migrations);
  let { version, least } = schemaVersion(database);
  for (const migration of migrations.slice(version)) {
    version++;
    if (typeof migration !== 'string') least = version;
    inTransaction(database, () => {
      database.exec(typeof migration === 'string' ? migration : migration.breaks);
      database.exec('DELETE FROM schema_version');
      database.prepare('INSERT INTO schema_version (version, least) VALUES (?, ?)').run(version, least);
    });
  }
}

/** Throws `newer-version` for a database of a newer major version than these migrations lead to. */
export function requireReadableSchema(database: DatabaseSync, migrations: readonly Migration[]): void {
  if (schemaVersion(database).least <= migrations.length) return;
  const known = formatOf(migrations, migrations.length);
  requireReadable(`the database ${database.location() ?? ''}`, { major: known.major + 1, minor: 0 }, known);
}

function schemaVersion(database: DatabaseSync): SchemaVersion {
  database.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL, least INTEGER NOT NULL DEFAULT 0) STRICT');
  const columns = database.prepare('PRAGMA table_info(schema_version)').all();
  // From before there were minor versions.
  if (columns.length === 1) database.exec('ALTER TABLE schema_version ADD COLUMN least INTEGER NOT NULL DEFAULT 0');
  const row = database.prepare('SELECT version, least FROM schema_version').get() as SchemaVersion | undefined;
  return row ?? { version: 0, least: 0 };
}

/** Its major version counts the migrations that break readers, its minor version those since. */
function formatOf(migrations: readonly Migration[], version: number): FormatVersion {
  const breaking = migrations.slice(0, version).filter((migration) => typeof migration !== 'string').length;
  return { major: breaking + 1, minor: version - breaking };
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
