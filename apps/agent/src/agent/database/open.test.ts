import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from './open.ts';

test('only root can read a database and its WAL files, one that was readable before included', () => {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-database-'));
  const path = join(directory, 'events.db');
  writeFileSync(path, '');
  chmodSync(path, 0o644);
  const database = openDatabase(path, ['CREATE TABLE notes (text TEXT)'], 'normal');
  database.exec("INSERT INTO notes VALUES ('a')");
  const files = readdirSync(directory);
  expect(files.toSorted()).toEqual(['events.db', 'events.db-shm', 'events.db-wal']);
  for (const file of files) expect(statSync(join(directory, file)).mode & 0o777, file).toBe(0o600);
  database.close();
  rmSync(directory, { recursive: true });
});

test('a database in memory has no file', () => {
  const database = openDatabase(':memory:', ['CREATE TABLE notes (text TEXT)'], 'normal');
  database.exec("INSERT INTO notes VALUES ('a')");
  expect(existsSync(':memory:')).toBe(false);
  database.close();
});
