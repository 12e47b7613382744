import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepSpace } from './space.ts';

const SPACE = { walBytes: 1024 * 1024, freeBytes: 1024 * 1024 };

let directory: string;
let database: DatabaseSync;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plim-space-'));
  database = new DatabaseSync(join(directory, 'a.db'));
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE notes (text TEXT)');
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true });
});

const keep = (): void => keepSpace(database, join(directory, 'a.db'), SPACE);
const freePages = (): number => Number(database.prepare('PRAGMA freelist_count').get()?.['freelist_count']);
const walBytes = (): number => statSync(join(directory, 'a.db-wal')).size;
const eventually = { timeout: 20_000, interval: 100 };

test('a kill between the making of free pages and their release does not keep the space from being taken', async () => {
  database.exec('CREATE TABLE space (bytes BLOB)');
  keep();
  await vi.waitFor(() => expect(freePages() * 4096).toBeGreaterThanOrEqual(SPACE.freeBytes / 2), eventually);
  await vi.waitFor(() => expect(walBytes()).toBeGreaterThanOrEqual(SPACE.walBytes), eventually);
  expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'space'").all()).toEqual([]);
});

test('the WAL takes its space where the database cannot take its own', async () => {
  // No table can be made or dropped under its name.
  database.exec('CREATE VIEW space AS SELECT 1');
  keep();
  await vi.waitFor(() => expect(walBytes()).toBeGreaterThanOrEqual(SPACE.walBytes), eventually);
});
