import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { checkedLine, readCheckedLine } from './checked-line.ts';
import type { JournalEntry } from './journal-entry.ts';
import { Journal } from './journal.ts';
import { LedgerRecords } from './ledger-records.ts';
import { StoredJournal } from './stored-journal.ts';

const AT = '2026-01-31T12:00:00.000Z';
const HOST = '3f0e8a52-7c1d-4b0e-9a61-0d5c2f4b7e90';
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
  ...{
    kind: 'exit',
    seq: incarnation,
    host: HOST,
    id,
    name: 'name',
    group: 'default',
    image: 'base',
    labels: {},
    limits: {},
    incarnation,
  },
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
});

test('of its names the last stays, and none of what was removed', async () => {
  await write(created(A), created(B), renamed(A, 'one'), renamed(B, 'two'), renamed(A, 'three'), removed(B));
  expect(reopened()).toEqual([created(A), renamed(A, 'three')]);
});

test.each(['{"kind":"star', '{', JSON.stringify(start(A, 2)), '01234567 0 {'])(
  'a torn last line, which has zeroes where its line feed was to be, is dropped: %s',
  async (torn) => {
    await write(created(A));
    const bytes = readFileSync(path);
    bytes.write(torn, bytes.indexOf(0), 'latin1');
    writeFileSync(path, bytes);
    expect(Journal.open(path)).toMatchObject({ entries: [created(A)], damage: null });
    await write(start(A, 1));
    expect(reopened()).toEqual([created(A), start(A, 1)]);
  },
);

test('an unfinished rewrite beside it is of no consequence', async () => {
  await write(created(A));
  writeFileSync(`${path}.new`, 'half of a new journ');
  expect(reopened()).toEqual([created(A)]);
});

/** Lines of the file, with their checksums. */
const linesOf = (file: string): string[] => readFileSync(file, 'latin1').replace(/\0+$/, '').split('\n').filter(Boolean);

test('a journal from before there were checksums is read, and has them from then on', async () => {
  const entries = [created(A), start(A, 1), exit(A, 1)];
  writeFileSync(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join('') + '\0'.repeat(1000));
  expect(Journal.open(path)).toMatchObject({ entries, damage: null });
  expect(linesOf(path).every((line) => readCheckedLine(line) !== null)).toBe(true);
  expect(reopened()).toEqual(entries);
});

test('a line that is whole and not an entry is damage: the file is kept, and nothing is dropped without a report', async () => {
  await write(created(A));
  writeFileSync(path, `${JSON.stringify({ kind: 'unheard-of', id: A })}\n\0`);
  const { entries, damage } = Journal.open(path);
  expect(entries).toEqual([]);
  expect(damage).toMatchObject({ stretches: 1 });
  expect(readFileSync(damage?.kept ?? '', 'latin1')).toContain('unheard-of');
});

test('zeroes in the middle of a line are not taken for the end: what is behind them is read', async () => {
  const entries = [created(A), start(A, 1), created(B), exit(A, 1), start(B, 1)];
  for (const entry of entries) await write(entry);
  const bytes = readFileSync(path);
  bytes.fill(0, bytes.indexOf('"kind":"start"'), bytes.indexOf('"kind":"start"') + 20);
  writeFileSync(path, bytes);
  const { entries: read, damage } = Journal.open(path);
  expect(read).toEqual([created(A), created(B), exit(A, 1), start(B, 1)]);
  expect(damage).toMatchObject({ stretches: 1 });
  expect(readFileSync(damage?.kept ?? '').equals(bytes)).toBe(true);
  expect(Journal.open(path)).toMatchObject({ entries: read, damage: null });
});

/** The journal's lines and a few of the zeroes behind them. */
async function written(entries: readonly JournalEntry[]): Promise<{ bytes: Buffer; used: number }> {
  for (const entry of entries) await write(entry);
  const bytes = readFileSync(path);
  const used = bytes.indexOf(Buffer.from('\n\0')) + 1;
  return { bytes: bytes.subarray(0, used + 10), used };
}

test('bits that flip anywhere cost their own line alone, and never pass unseen', async () => {
  const entries = [created(A), start(A, 1), created(B), exit(A, 1), start(B, 1), desired(B, 'stopped')];
  const { bytes: whole, used } = await written(entries);
  for (let at = 0; at < used - 1; at++) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ (at % 2 === 0 ? 0x01 : 0xff);
    writeFileSync(path, bytes);
    const stored = new StoredJournal(path);
    const read = stored.parse();
    expect(stored.damaged, `byte ${at}`).toBeGreaterThan(0);
    expect(entries).toEqual(expect.arrayContaining(read));
    // A line feed that is gone joins two lines.
    expect(read.length, `byte ${at}`).toBeGreaterThanOrEqual(entries.length - 2);
  }
});

test('a journal cut off anywhere is reported, and its whole lines are read', async () => {
  const entries = [created(A), start(A, 1), created(B), exit(A, 1)];
  const { bytes: whole, used } = await written(entries);
  for (let length = 0; length <= used; length++) {
    writeFileSync(path, whole.subarray(0, length));
    const stored = new StoredJournal(path);
    const read = stored.parse();
    expect(stored.damaged, `cut at ${length}`).toBe(1);
    expect(read).toEqual(entries.slice(0, read.length));
  }
});

test('lines that a power cut lost before they were durable are no damage, though later ones of the same sync are there', async () => {
  await write(created(A));
  {
    using journal = Journal.open(path).journal;
    // None of these waits for the other: they are of one sync, and name none of themselves as durable.
    await Promise.all([journal.append(start(A, 1)), journal.append(start(A, 2)), journal.append(desired(A, 'stopped'))]);
  }
  const bytes = readFileSync(path);
  bytes.fill(0, bytes.indexOf('"incarnation":2') - 20, bytes.indexOf('"incarnation":2') + 20);
  writeFileSync(path, bytes);
  expect(Journal.open(path)).toMatchObject({ entries: [created(A), start(A, 1), desired(A, 'stopped')], damage: null });
});

test('a newer minor version is read: what it has added stays in the file, over a rewrite too', async () => {
  await write(created(A));
  const added = [
    { kind: 'format', version: { major: 1, minor: 7 } },
    { ...start(A, 1), mood: 'new' },
    { kind: 'novelty', id: A, more: [1] },
  ];
  let offset = readFileSync(path).indexOf(Buffer.from('\n\0')) + 1;
  const bytes = readFileSync(path);
  for (const entry of added) offset += checkedLine(JSON.stringify(entry)).copy(bytes, offset);
  writeFileSync(path, bytes);
  expect(Journal.open(path)).toMatchObject({ entries: [created(A), { kind: 'start', incarnation: 1 }], damage: null });
  await write(renamed(A, 'one'), renamed(A, 'two'));
  expect(reopened()).toHaveLength(3);
  const text = readFileSync(path, 'latin1');
  for (const piece of ['"minor":7', '"mood":"new"', '"novelty"']) expect(text).toContain(piece);
});

test('a newer major version is refused, and stays as it is', async () => {
  const content = checkedLine(JSON.stringify({ kind: 'format', version: { major: 2, minor: 0 } }));
  writeFileSync(path, content);
  expect(() => Journal.open(path)).toThrow(/journal.*has version 2\.0 of its format; this Plimsoll reads 1\.x/);
  expect(readFileSync(path).equals(content)).toBe(true);
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

test('records that the ledger has are read in pages, whatever is written or rewritten meanwhile', async () => {
  const exits = Array.from({ length: 2500 }, (_, i) => exit(A, i + 1));
  const acknowledged: JournalEntry = { kind: 'acknowledged', id: 'ledger', seqs: exits.map((_, i) => i + 1) };
  await write(created(A), ...exits, acknowledged);
  const { journal, entries } = Journal.open(path);
  const ledger = new LedgerRecords({ journal, host: HOST }, entries, () => {});
  const reads = vi.spyOn(JSON, 'parse');
  let isElsewhere = false;
  setImmediate(() => (isElsewhere = true));
  const first = await ledger.pastAfter(0, 1000);
  expect(isElsewhere).toBe(true);
  expect(first).toEqual(exits.slice(0, 1000));
  reads.mockClear();
  expect(await ledger.pastAfter(1000, 1000)).toEqual(exits.slice(1000, 2000));
  // The page alone.
  expect(reads).toHaveBeenCalledTimes(1000);
  reads.mockRestore();
  await journal.append(exit(B, 2501));
  // Other offsets, as when the journal is rewritten.
  writeFileSync(path, Buffer.concat([checkedLine(JSON.stringify(created(B))), readFileSync(path)]));
  expect(await ledger.pastAfter(2000, 1000)).toEqual([...exits.slice(2000), exit(B, 2501)]);
  expect(await ledger.pastAfter(2501, 1000)).toEqual([]);
  journal[Symbol.dispose]();
});

test('what the ledger has need not be kept, but its greatest number, which is never given again', async () => {
  const acknowledged = (...seqs: number[]): JournalEntry => ({ kind: 'acknowledged', id: 'ledger', seqs });
  const exits = [1, 2, 3, 4].map((incarnation) => exit(A, incarnation));
  await write(...exits, removed(A), acknowledged(4), acknowledged(1, 2));
  expect(reopened()).toEqual([exit(A, 3), acknowledged(4)]);
  const { journal, entries } = Journal.open(path);
  const told: number[] = [];
  const ledger = new LedgerRecords({ journal, host: HOST }, entries, ({ seq }) => told.push(seq));
  expect(ledger.after(0, 10).map(({ seq }) => seq)).toEqual([3]);
  const { kind: _kind, seq: _seq, host: _host, ...record } = exit(B, 1) as Extract<JournalEntry, { kind: 'exit' }>;
  await ledger.recordExit(record).durable;
  expect(told).toEqual([5]);
  await ledger.acknowledge([3, 4, 5]);
  expect(ledger.after(0, 10)).toEqual([]);
  journal[Symbol.dispose]();
});
