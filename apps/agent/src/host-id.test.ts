import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostId } from '@plimsoll/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventLog } from './agent/events/event-log.ts';
import { recordHost } from './agent/events/record-agent.ts';
import { Ledger } from './agent/ledger/ledger.ts';
import { openHostId } from './host-id.ts';
import { hostIdInDatabases } from './stores/host-id-in-databases.ts';

const OTHER = '3f0e8a52-7c1d-4b0e-9a61-0d5c2f4b7e90';

let lib: string;
let file: string;
beforeEach(() => {
  lib = mkdtempSync(join(tmpdir(), 'plim-host-'));
  file = join(lib, 'host.json');
});
afterEach(() => rmSync(lib, { recursive: true }));

test('is random, made once, and the same for all who open it', () => {
  const id = openHostId(lib, []);
  expect(HostId.safeParse(id).success).toBe(true);
  expect(openHostId(lib, [() => OTHER])).toBe(id);
  expect(readdirSync(lib)).toEqual(['host.json']);
  const other = mkdtempSync(join(tmpdir(), 'plim-host-'));
  expect(openHostId(other, [])).not.toBe(id);
  rmSync(other, { recursive: true });
});

test('what a newer minor version has added is let through', () => {
  const stored = { version: { major: 1, minor: 7 }, id: OTHER, createdAt: '2026-01-31T12:00:00.000Z', more: true };
  writeFileSync(file, JSON.stringify(stored));
  expect(openHostId(lib, [])).toBe(OTHER);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(stored);
});

test.each(['', '{', `{"version":{"major":1,"minor":0},"id":"${OTHER.slice(1)}"}`])(
  'a file that is damaged is set aside, and another store restores the id: %j',
  (text) => {
    writeFileSync(file, text);
    expect(openHostId(lib, [() => null, () => 'not an id', () => OTHER])).toBe(OTHER);
    expect(openHostId(lib, [])).toBe(OTHER);
    const [kept = ''] = readdirSync(lib).filter((name) => name.startsWith('host.json.damaged-'));
    expect(readFileSync(join(lib, kept), 'utf8')).toBe(text);
  },
);

test('a directory in its place is set aside', () => {
  mkdirSync(file);
  expect(openHostId(lib, [() => OTHER])).toBe(OTHER);
  expect(openHostId(lib, [])).toBe(OTHER);
});

test('is restored from the ledger, or from the events, while these are open', async () => {
  expect(hostIdInDatabases(lib)).toBeNull();
  await using events = await EventLog.open(join(lib, 'events.db'), { ageMs: 8e15, rows: 1000 }, OTHER);
  recordHost(events, OTHER);
  await events.list({ limit: 1 });
  expect(hostIdInDatabases(lib)).toBe(OTHER);
  using ledger = new Ledger(join(lib, 'ledger.db'), OTHER);
  expect(ledger.losses).toEqual([]);
  await events[Symbol.asyncDispose]();
  for (const name of readdirSync(lib)) if (name.startsWith('events.db')) rmSync(join(lib, name));
  expect(hostIdInDatabases(lib)).toBe(OTHER);
});
