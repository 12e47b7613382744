import { globSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FIRST_VERSION, FormatVersion, PlimsollError, requireReadable } from '@plimsoll/protocol';
import { z } from 'zod';
import { MIGRATIONS as ALERTS } from '../agent/alerts/schema.ts';
import { MIGRATIONS as CHARTS } from '../agent/charts/schema.ts';
import { requireReadableSchema, type Migration } from '../agent/database/migrate.ts';
import { lockingMode } from '../agent/database/wal-index.ts';
import { MIGRATIONS as EVENTS } from '../agent/events/schema.ts';
import { MIGRATIONS as LEDGER } from '../agent/ledger/schema.ts';
import { readCheckedFile } from '../supervisor/checked-file.ts';
import { JOURNAL_VERSION } from '../supervisor/journal-entry.ts';
import { StoredJournal } from '../supervisor/stored-journal.ts';
import { isFile } from '../stores/set-aside.ts';
import type { StateRoot } from '../state-root.ts';

/** State files of JSON below `lib` and `run`; of each this version reads the first major version. */
const JSON_FILES = [
  ...['host.json', 'groups.json', 'sessions.json', 'stores.json', 'images/names.json', 'images/*/{image,names}.json'],
  ...['volumes/*/volume.json', 'containers/*/{container,state,birth}.json'],
];
/** Files from before there were minor versions have a number. */
const Versioned = z.looseObject({
  version: z.union([FormatVersion, z.literal(1).transform(() => FIRST_VERSION)]).default(FIRST_VERSION),
});

const DATABASES: Record<string, readonly Migration[]> = {
  'ledger.db': LEDGER,
  'events.db': EVENTS,
  'alerts.db': ALERTS,
  'charts.db': CHARTS,
};

/**
 * Throws `newer-version` where a newer major version has written a file that this one would misread, before anything is started
 * that would put another in its place. What is damaged is for its own reader.
 */
export function requireReadableState({ lib, run }: StateRoot): void {
  const journal = join(lib, 'journal.jsonl');
  if (isFile(journal)) requireReadable(`the journal ${journal}`, new StoredJournal(journal).version, JOURNAL_VERSION);
  for (const directory of new Set([lib, run])) {
    for (const file of globSync(JSON_FILES, { cwd: directory })) requireReadableFile(join(directory, file));
  }
  for (const [file, migrations] of Object.entries(DATABASES)) requireReadableDatabase(join(lib, file), migrations);
}

function requireReadableDatabase(path: string, migrations: readonly Migration[]): void {
  try {
    if (!isFile(path)) return;
    using database = new DatabaseSync(path);
    database.exec(`PRAGMA locking_mode = ${lockingMode(path)}`);
    requireReadableSchema(database, migrations);
  } catch (error) {
    if (error instanceof PlimsollError) throw error;
  }
}

function requireReadableFile(path: string): void {
  const version = versionOf(path);
  if (version !== null) requireReadable(path, version, FIRST_VERSION);
}

/** Null: it cannot be read. */
function versionOf(path: string): FormatVersion | null {
  try {
    return Versioned.parse(readCheckedFile(path)).version;
  } catch {
    return null;
  }
}
