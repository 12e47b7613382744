import { readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findLost } from '../../apps/agent/src/agent/stores/made-stores.ts';
import { openHostId } from '../../apps/agent/src/host-id.ts';
import { ImageStore } from '../../apps/agent/src/images/image-store.ts';
import type { JournalEntry } from '../../apps/agent/src/supervisor/journal-entry.ts';
import { Journal } from '../../apps/agent/src/supervisor/journal.ts';
import { releaseStep } from '../../apps/agent/src/supervisor/reserve.ts';
import { FillableDisk } from '../support/fillable-disk.ts';
import { until } from '../support/until.ts';

const MEBIBYTE = 1024 * 1024;
const STEPS = 3;
const desired = (id: string): JournalEntry => ({ kind: 'desired', id: id.repeat(16), desired: 'stopped' });

let disk: FillableDisk;
let reserve: string;
let journal: string;
beforeEach(() => {
  disk = new FillableDisk('tmpfs', 24 * MEBIBYTE);
  reserve = join(disk.directory, 'reserve');
  journal = join(disk.directory, 'journal.jsonl');
});
afterEach(() => disk[Symbol.dispose]());

const reserved = (): number => statSync(reserve).size;
const makeRoom = (): boolean => releaseStep(reserve);
/** A full disk with a reserve. */
function fillBesideReserve(): void {
  writeFileSync(reserve, Buffer.alloc(STEPS * MEBIBYTE, 7));
  disk.fill();
}

test('a new journal on a full disk takes space of the reserve', async () => {
  fillBesideReserve();
  using opened = Journal.open(journal, makeRoom).journal;
  await opened.append(desired('a'));
  expect(reserved()).toBe((STEPS - 1) * MEBIBYTE);
  expect(Journal.open(journal).entries).toEqual([desired('a')]);
});

test('a journal takes every step of the reserve, though another program takes most of each', async () => {
  fillBesideReserve();
  let steps = 0;
  const leaveOnePage = (): boolean => {
    if (!makeRoom()) return false;
    steps += 1;
    disk.fill(steps === STEPS ? 8192 : 0);
    if (steps < STEPS) disk.fill();
    return true;
  };
  using opened = Journal.open(journal, leaveOnePage).journal;
  await opened.append(desired('a'));
  expect(steps).toBe(STEPS);
  expect(Journal.open(journal).entries).toEqual([desired('a')]);
});

test('without any room there is a journal that takes entries when there is some', async () => {
  disk.fill();
  for (let i = 0; i < 2; i++) {
    const opened = Journal.open(journal);
    expect(opened).toMatchObject({ entries: [], isNew: true });
    await expect(opened.journal.append(desired('a'))).rejects.toMatchObject({ code: 'ENOSPC' });
    opened.journal[Symbol.dispose]();
  }
  using opened = Journal.open(journal).journal;
  disk.free();
  await opened.append(desired('a'));
  expect(readFileSync(journal, 'utf8')).toMatch(/^.*"kind":"format".*\n.*"kind":"desired"/);
  expect(Journal.open(journal)).toMatchObject({ entries: [desired('a')], damage: null });
});

test('a damaged journal has two names until the new one has its place', async () => {
  const { journal: first } = Journal.open(journal);
  for (const id of ['a', 'b', 'c']) await first.append(desired(id));
  first[Symbol.dispose]();
  const bytes = readFileSync(journal);
  bytes[bytes.indexOf('"bbbb') + 1] = 0x7a;
  writeFileSync(journal, bytes);
  const renamed: (string | null)[] = [];
  const watcher = watch(disk.directory, (event, file) => void (event === 'rename' && renamed.push(file)));
  const { damage, journal: second } = Journal.open(journal);
  second[Symbol.dispose]();
  await until('its directory has changed', () => renamed.at(-1) === 'journal.jsonl');
  watcher.close();
  // Never taken away: another one has come in its place, once.
  expect(renamed.filter((file) => file === 'journal.jsonl')).toHaveLength(1);
  expect(readFileSync(damage?.kept ?? '')).toEqual(bytes);
  expect(Journal.open(journal)).toMatchObject({ entries: [desired('a'), desired('c')], damage: null });
});

test('the host id takes space of the reserve; without any it is the same for all, and written when there is room', () => {
  fillBesideReserve();
  const id = openHostId(disk.directory, []);
  expect(openHostId(disk.directory, [])).toBe(id);
  expect(reserved()).toBe((STEPS - 1) * MEBIBYTE);

  rmSync(join(disk.directory, 'host.json'));
  disk.fill();
  while (makeRoom()) disk.fill();
  const unwritten = openHostId(disk.directory, []);
  expect(openHostId(disk.directory, [])).toBe(unwritten);
  expect(openHostId(disk.directory, [() => id])).toBe(id);
  expect(readdirSync(disk.directory)).not.toContain('host.json');
  disk.free();
  expect(openHostId(disk.directory, [() => unwritten])).toBe(unwritten);
  expect(openHostId(disk.directory, [])).toBe(unwritten);
});

test('the list of stores and the names of images are written at a later start', async () => {
  disk.fill();
  expect(await findLost(disk.directory, new Map([['events.db', { isNew: true }]]), true)).toEqual(['events.db']);
  const images = await ImageStore.open(disk.directory);
  await images.ensureBase();
  expect(images.list()).toEqual([]);
  disk.free();
  await findLost(disk.directory, new Map([['events.db', { isNew: false }]]), true);
  await ImageStore.open(disk.directory);
  expect(readdirSync(disk.directory)).toContain('stores.json');
  expect(readdirSync(join(disk.directory, 'images'))).toContain('names.json');
});
