import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from './migrate.ts';

const FIRST = 'CREATE TABLE notes (text TEXT)';
const ADDS = 'ALTER TABLE notes ADD COLUMN author TEXT';
const BREAKS = { breaks: 'ALTER TABLE notes RENAME COLUMN text TO body' };

let database: DatabaseSync;
beforeEach(() => (database = new DatabaseSync(':memory:')));
afterEach(() => database.close());

const columns = () => (database.prepare('PRAGMA table_info(notes)').all() as { name: string }[]).map(({ name }) => name);

test('a database is brought to the newest version, from any before', () => {
  migrate(database, [FIRST]);
  migrate(database, [FIRST, ADDS, BREAKS]);
  expect(columns()).toEqual(['body', 'author']);
});

test('one of a newer minor version is used as it is, and goes on to be of that version', () => {
  migrate(database, [FIRST, ADDS]);
  migrate(database, [FIRST]);
  database.exec("INSERT INTO notes (text) VALUES ('kept')");
  expect(columns()).toEqual(['text', 'author']);
  migrate(database, [FIRST, ADDS]);
  expect(database.prepare('SELECT text, author FROM notes').get()).toEqual({ text: 'kept', author: null });
});

test('one of a newer major version is refused, and stays as it is', () => {
  migrate(database, [FIRST, ADDS, BREAKS]);
  expect(() => migrate(database, [FIRST, ADDS])).toThrow(/has version 2\.0 of its format; this Plimsoll reads 1\.x and older/);
  expect(columns()).toEqual(['body', 'author']);
});

test('one from before there were minor versions is brought on', () => {
  database.exec('CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT; INSERT INTO schema_version VALUES (1)');
  database.exec(FIRST);
  migrate(database, [FIRST, ADDS]);
  expect(columns()).toEqual(['text', 'author']);
});
