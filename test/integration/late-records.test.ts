import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalEntry } from '../../apps/agent/src/supervisor/journal-entry.ts';
import { Journal } from '../../apps/agent/src/supervisor/journal.ts';
import { LateRecords } from '../../apps/agent/src/supervisor/late-records.ts';
import type { ExitRecord } from '../../apps/agent/src/supervisor/ledger-record.ts';
import { LedgerRecords } from '../../apps/agent/src/supervisor/ledger-records.ts';
import type { ContainerDefinition } from '../../apps/agent/src/supervisor/protocol.ts';
import { readPasts } from '../../apps/agent/src/supervisor/recovery.ts';
import { FillableDisk } from '../support/fillable-disk.ts';
import { until } from '../support/until.ts';

const AT = '2026-01-31T12:00:00.000Z';
const MEBIBYTE = 1024 * 1024;

let disk: FillableDisk;
let path: string;
beforeEach(() => {
  disk = new FillableDisk('tmpfs', 64 * MEBIBYTE);
  path = join(disk.directory, 'journal.jsonl');
});
afterEach(() => disk[Symbol.dispose]());

const group = (id: string, frozenAt: string | null): JournalEntry & { kind: 'group' } => ({
  ...{ kind: 'group', id, displayName: null, limits: {}, kept: true, createdAt: AT },
  frozenAt,
});
const EXIT: Omit<ExitRecord, 'kind' | 'seq' | 'host'> = {
  ...{ id: 'a'.repeat(16), name: 'name', group: 'default', image: 'base', labels: {}, limits: {}, incarnation: 1 },
  ...{ startedAt: AT, exitedAt: AT, startedMonotonicNs: null, exitedMonotonicNs: '1', counters: null },
  ...{ bootId: null, startedBootNs: null, exitedBootNs: null },
  ...{ exitCode: 0, signal: null, oomKilled: false },
};

/** A journal that takes no entry any more: nothing is left of the disk, nor of what the journal has taken ahead. */
async function fullJournal(): Promise<Journal> {
  const { journal } = Journal.open(path);
  disk.fill();
  for (const length of [100_000, 1000, 0]) {
    const refused = async (): Promise<boolean> =>
      await journal.append({ ...group('filler', null), displayName: 'x'.repeat(length) }).then(
        () => false,
        () => true,
      );
    while (!(await refused()));
  }
  return journal;
}

test('what is done already is recorded in order when the disk takes records again, the newest of each subject', async () => {
  using journal = await fullJournal();
  const late = new LateRecords(journal);
  await late.append(group('a', AT));
  await late.append({ kind: 'removed', id: 'b'.repeat(16) });
  await late.append(group('a', null));
  await expect(late.settle()).rejects.toMatchObject({ code: 'ENOSPC' });
  disk.free();
  await until('they are written', async () =>
    late.settle().then(
      () => true,
      () => false,
    ),
  );
  expect(Journal.open(path).entries).toContainEqual(group('a', null));
});

test('what waits of a container is written before what overrules it, and never behind it', async () => {
  using journal = await fullJournal();
  const late = new LateRecords(journal);
  const id = 'a'.repeat(16);
  const start = (incarnation: number): JournalEntry => ({ kind: 'start', id, incarnation, at: AT, boot: 'boot' });
  await late.append({ kind: 'desired', id, desired: 'stopped' });
  await late.append({ kind: 'failed', id, incarnation: 1, at: AT, error: { code: 'disk-full', message: 'full', hint: '' } });
  disk.free();
  // While the same is tried again.
  await Promise.all([late.settle(id), late.settle()]);
  await journal.append(start(2));
  await late.append({ kind: 'removed', id: 'b'.repeat(16) });
  await late.settle();
  expect(readPasts([{ kind: 'created', id, definition: DEFINITION }, ...Journal.open(path).entries])).toEqual([
    { definition: DEFINITION, start: start(2) },
  ]);
});

test('an end that the disk does not take says so at once, and is recorded later', async () => {
  using journal = await fullJournal();
  const told: string[] = [];
  const records = new LedgerRecords({ journal, host: randomUUID() }, [], ({ id }) => told.push(id));
  const { failing, written, durable } = records.recordExit(EXIT);
  records.recordGroupEnd({ id: 'g', life: 'boot:1', endedAt: AT, endedBootNs: null, counters: finalCounters });
  expect(await failing).toMatchObject({ code: 'ENOSPC' });
  expect(told).toEqual([]);
  disk.free();
  await written;
  await durable;
  await until('both are told', () => told.length === 2);
  const kinds = Journal.open(path).entries.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'exit' || kind === 'group-end').toSorted()).toEqual(['exit', 'group-end']);
});

const DEFINITION = { id: 'a'.repeat(16), name: 'name' } as ContainerDefinition;
const finalCounters = {
  ...{ cpuUsageNs: '1', cpuUserNs: null, cpuSystemNs: null, memoryPeakBytes: null, ioReadBytes: null, ioWriteBytes: null },
  ...{ ioReadOps: null, ioWriteOps: null, oomKills: null },
};
