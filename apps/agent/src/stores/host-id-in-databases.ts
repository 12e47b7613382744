import { join } from 'node:path';
import type { HostId } from '@plimsoll/protocol';
import { isFile } from './set-aside.ts';

const QUERIES = {
  'ledger.db': 'SELECT id FROM host',
  'events.db': "SELECT json_extract(value, '$.id') AS id FROM known WHERE thing = 'host'",
};

/** The host's id as the agent's databases have it; null: none of them can be read, or knows it. */
export function hostIdInDatabases(lib: string): HostId | null {
  for (const [file, sql] of Object.entries(QUERIES)) {
    const path = join(lib, file);
    if (!isFile(path)) continue;
    try {
      // Loaded here: the supervisor needs SQLite for nothing else.
      const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
      using database = new DatabaseSync(path, { readOnly: true });
      const row = database.prepare(sql).get() as { id: unknown } | undefined;
      if (typeof row?.id === 'string') return row.id;
    } catch {
      // A damaged one is the agent's to set aside.
    }
  }
  return null;
}
