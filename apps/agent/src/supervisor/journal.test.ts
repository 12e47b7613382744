import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JournalEntry } from './journal-entry.ts';
import { Journal } from './journal.ts';
import { LedgerRecords } from './ledger-records.ts';

const AT = '2026-01-31T12:00:00.000Z';
const [A, B] = ['a'.repeat(16), 'b'.repeat(16)];

let path = '';
beforeEach(() => (path = join(mkdtempSync(join(tmpdir(), 'plim-journal-')), 'journal.jsonl')));
afterEach(() => rmSync(join(path, '..'), { recursive: true }));

function created(id: string): JournalEntry {
  const config = { process: { args: ['true'] } };
  const names = { name: `name-${id.slice(0, 4)}`, group: 'default', image: 'base', imageDigest: 'sha256:0', layers: ['/layer'] };
  const rest = {
    limits: {},
    mounts: [],
    labels: {},
    autoRemove: false,
    createdAt: AT,
    sharing: {},
    seccomp: 'default' as const,
    config,
  };
  const definition = { version: 1 as const, id, ...names, ...rest };
  return { kind: 'created', id, definition };
}
const start = (id: string, incarnation: number): JournalEntry => ({ kind: 'start', id, incarnation, at: AT });
const desired = (id: string, state: 'running' | 'stopped'): JournalEntry => ({ kind: 'desired', id, desired: state });
const renamed = (id: string, name: string): JournalEntry => ({ kind: 'renamed', id, name });
const removed = (id: string): JournalEntry => ({ kind: 'removed', id });
const exit = (id: string, incarnation: number): JournalEntry => ({
  ...{ kind: 'exit', seq: incarnation, id, name: 'name', group: 'default', image: 'base', labels: {}, limits: {}, incarnation },
  ...{ startedAt: AT, exitedAt: AT, startedMonotonicNs: null, exitedMonotonicNs: '1' },
  ...{ bootId: null, startedBootNs: null, exitedBootNs: null },
  ...{ counters: null, exitCode: 0, signal: null, oomKilled: false },
});

async function write(...entries: JournalEntry[]): Promise<void> {
  using journal = Journal.open(path).journal;
  await Promise.all(entries.map(async (entry) => await journal.append(entry)));
}

function reopened(): JournalEntry[] {
  const { journal, entries } = Journal.open(path);
  journal[Symbol.dispose]();
  return entries;
}

test('what was appended is there, in order, when it is opened again', async () => {
  const entries = [created(A), desired(A, 'running'), start(A, 1), exit(A, 1)];
  await write(...entries);
  expect(reopened()).toEqual(entries);
  await write(created(B));
  expect(reopened()).toEqual([...entries, created(B)]);
});

test('is readable by root alone', () => {
  reopened();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('entries are in the file before they are synced: a kill of the process loses none', async () => {
  const { journal } = Journal.open(path);
  const synced = journal.append(created(A));
  expect(readFileSync(path, 'latin1')).toContain(`"id":"${A}"`);
  await synced;
  journal[Symbol.dispose]();
});

test('entries that come during a sync share the next', async () => {
  const { journal } = Journal.open(path);
  const batches: number[] = [];
  let inThisTurn = false;
  const noteResolved = (): void => {
    if (!inThisTurn) batches.push(0);
    batches[batches.length - 1] = (batches.at(-1) ?? 0) + 1;
    inThisTurn = true;
    setImmediate(() => (inThisTurn = false));
  };
  await Promise.all(Array.from({ length: 200 }, async (_, i) => await journal.append(start(A, i)).then(noteResolved)));
  journal[Symbol.dispose]();
  expect(batches).toEqual([1, 199]);
});

test('of what was removed the exit records stay; of what is there the last start and desired state', async () => {
  const kept = [exit(A, 1), exit(A, 2), created(B), exit(B, 1), desired(B, 'stopped'), start(B, 2)];
  const [first, second, definition, ended, stop, last] = kept as [JournalEntry, JournalEntry, ...JournalEntry[]];
  await write(
    ...[created(A), start(A, 1), first, start(A, 2), second, removed(A)],
    ...[definition, desired(B, 'running'), start(B, 1), ended, stop, last].filter((entry) => entry !== undefined),
  );
  expect(reopened()).toEqual(kept);
  expect(readFileSync(path, 'latin1')).not.toContain('"removed"');
});

test('of its names the last stays, and none of what was removed', async () => {
  await write(created(A), created(B), renamed(A, 'one'), renamed(B, 'two'), renamed(A, 'three'), removed(B));
  expect(reopened()).toEqual([created(A), renamed(A, 'three')]);
});

test.each(['{"kind":"star', '{', JSON.stringify(start(A, 2))])('a torn last line is dropped: %s', async (torn) => {
  await write(created(A));
  writeFileSync(path, readFileSync(path, 'latin1').replace(/\0+$/, ''), 'latin1');
  appendFileSync(path, torn);
  expect(reopened()).toEqual([created(A)]);
  await write(start(A, 1));
  expect(reopened()).toEqual([created(A), start(A, 1)]);
});

test('a torn line may have zeroes behind it', async () => {
  await write(created(A));
  const bytes = readFileSync(path);
  bytes.write('{"kind":"start","id":"aaaa', bytes.indexOf(0), 'latin1');
  writeFileSync(path, bytes);
  expect(reopened()).toEqual([created(A)]);
});

test('an unfinished rewrite beside it is of no consequence', async () => {
  await write(created(A));
  writeFileSync(`${path}.new`, 'half of a new journ');
  expect(reopened()).toEqual([created(A)]);
});

test('a line that is whole and not an entry is an error: nothing is dropped in silence', async () => {
  await write(created(A));
  writeFileSync(path, `${JSON.stringify({ kind: 'unheard-of', id: A })}\n`);
  expect(() => Journal.open(path)).toThrow(/kind/);
});

test('takes entries larger than its reserve', async () => {
  const large = created(A);
  if (large.kind === 'created') large.definition.labels['large'] = 'x'.repeat(3 * 1024 * 1024);
  await write(large, created(B));
  expect(reopened()).toEqual([large, created(B)]);
});

test('is rewritten without what is obsolete when it has grown', async () => {
  const { journal } = Journal.open(path);
  const large = created(A);
  if (large.kind === 'created') large.definition.labels['large'] = 'x'.repeat(3 * 1024 * 1024);
  for (let size = 0; size <= 33; size += 3) await journal.append(large);
  await journal.append(created(B));
  await vi.waitFor(() => expect(statSync(path).size).toBeLessThan(8 * 1024 * 1024));
  await journal.append(start(B, 1));
  journal[Symbol.dispose]();
  expect(reopened()).toEqual([large, created(B), start(B, 1)]);
});

test('what the ledger has need not be kept, but its greatest number, which is never given again', async () => {
  const acknowledged = (...seqs: number[]): JournalEntry => ({ kind: 'acknowledged', id: 'ledger', seqs });
  const exits = [1, 2, 3, 4].map((incarnation) => exit(A, incarnation));
  await write(...exits, removed(A), acknowledged(4), acknowledged(1, 2));
  expect(reopened()).toEqual([exit(A, 3), acknowledged(4)]);
  const { journal, entries } = Journal.open(path);
  const told: number[] = [];
  const ledger = new LedgerRecords(journal, entries, ({ seq }) => told.push(seq));
  expect(ledger.after(0, 10).map(({ seq }) => seq)).toEqual([3]);
  const { kind: _kind, seq: _seq, ...record } = exit(B, 1) as Extract<JournalEntry, { kind: 'exit' }>;
  await ledger.recordExit(record).durable;
  expect(told).toEqual([5]);
  await ledger.acknowledge([3, 4, 5]);
  expect(ledger.after(0, 10)).toEqual([]);
  journal[Symbol.dispose]();
});
