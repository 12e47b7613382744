import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../agent/database/migrate.ts';
import { MIGRATIONS as LEDGER } from '../agent/ledger/schema.ts';
import { stateRoot, type StateRoot } from '../state-root.ts';
import { storedText } from '../stores/stored-json.ts';
import { checkedLine } from '../supervisor/checked-line.ts';
import { requireReadableState } from './readable-state.ts';

let state: StateRoot;
beforeEach(() => {
  state = stateRoot({ PLIMSOLL_ROOT: mkdtempSync(join(tmpdir(), 'plim-readable-')) });
  for (const directory of [state.lib, join(state.run, 'containers/0123456789abcdef'), join(state.lib, 'images')]) {
    mkdirSync(directory, { recursive: true });
  }
});
afterEach(() => rmSync(state.home, { recursive: true }));

const line = (version: object): Buffer => checkedLine(JSON.stringify({ kind: 'format', version }));

test.each([
  ['lib/journal.jsonl', line({ major: 2, minor: 0 })],
  ['lib/host.json', storedText({ version: { major: 2, minor: 0 } })],
  ['lib/images/names.json', JSON.stringify({ version: { major: 3, minor: 1 } })],
  ['run/containers/0123456789abcdef/state.json', line({ major: 2, minor: 0 })],
])('a file of a newer major version is refused, with its name and what to do: %s', (file, content) => {
  writeFileSync(join(state.home, file), content);
  expect(() => requireReadableState(state)).toThrow(
    expect.objectContaining({
      code: 'newer-version',
      message: expect.stringMatching(new RegExp(`${file} has version [23]\\.\\d of its format; this Plimsoll reads 1\\.x`)),
      hint: 'Update this Plimsoll, or use the one that wrote it.',
    }),
  );
});

test('a database of a newer major version is refused', () => {
  using database = new DatabaseSync(join(state.lib, 'ledger.db'));
  migrate(database, [...LEDGER, { breaks: 'CREATE TABLE later (id INTEGER)' }]);
  expect(() => requireReadableState(state)).toThrow(/ledger\.db has version 2\.0 of its format; this Plimsoll reads 1\.x/);
});

test('older files, those of a newer minor version, and damaged ones are left to their readers', () => {
  writeFileSync(join(state.lib, 'journal.jsonl'), line({ major: 1, minor: 9 }));
  writeFileSync(join(state.lib, 'host.json'), storedText({ version: { major: 1, minor: 9 } }));
  writeFileSync(join(state.lib, 'images/names.json'), JSON.stringify({ version: 1, names: {} }));
  writeFileSync(join(state.lib, 'sessions.json'), '{"vers');
  writeFileSync(join(state.lib, 'events.db'), 'no database');
  writeFileSync(join(state.run, 'containers/0123456789abcdef/state.json'), '{"bootId":"x"}');
  expect(() => requireReadableState(state)).not.toThrow();
});
