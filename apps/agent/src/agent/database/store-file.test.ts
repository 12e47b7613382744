import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { copyReadable } from './copy-readable.ts';
import { openDamagedCopy } from './damaged-copy.ts';
import { openDatabase } from './open.ts';
import { StoreFile } from './store-file.ts';

const MIGRATIONS = ['CREATE TABLE notes (text TEXT); CREATE INDEX notes_text ON notes (text)'];

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plim-store-'));
  path = join(directory, 'notes.db');
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (): StoreFile<DatabaseSync> =>
  new StoreFile({
    path,
    open: (at) => openDatabase(at, MIGRATIONS, 'full'),
    close: (database) => database.close(),
    carryOver: (database, damaged, at) => {
      using copy = openDamagedCopy(damaged, { path: at, like: database });
      copyReadable(copy.database, database, 'notes');
    },
    checkAfterMs: 0,
  });
const notes = (database: DatabaseSync): unknown[] => database.prepare('SELECT text FROM notes ORDER BY text').all();
const kept = (): string[] => readdirSync(directory).filter((name) => /\.damaged-\d+$/.test(name));

/** Of a note's two texts the one in the index, whose page is the last. */
function damageIndex(text: string): void {
  const content = readFileSync(path);
  content.write('x', content.lastIndexOf(text));
  writeFileSync(path, content);
}

test('an index that disagrees with its table does not hold up the opening, and is found and mended soon after', async () => {
  const first = open();
  first.use((database) => database.exec("INSERT INTO notes VALUES ('first'), ('second')"));
  first.close();
  damageIndex('first');
  const file = open();
  expect(kept()).toEqual([]);
  await vi.waitFor(() => expect(kept()).toHaveLength(1), { timeout: 30_000, interval: 50 });
  expect(file.use(notes)).toEqual([{ text: 'first' }, { text: 'second' }]);
  file.close();
});
