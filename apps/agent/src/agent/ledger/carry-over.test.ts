import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoreFile } from '../database/store-file.ts';
import { MINUTE, NOON, Subject } from './ledger.fixture.ts';
import { Ledger } from './ledger.ts';
import { MIGRATIONS } from './schema.ts';

const HOST = '3f0e8a52-7c1d-4b0e-9a61-0d5c2f4b7e90';
const CONTAINERS = 60;
const READINGS = 40;
const PAGE = 4096;
const MAGIC = 16;
const KILLED_RESCUE = join(import.meta.dirname, 'killed-rescue.fixture.ts');

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plim-ledger-'));
  path = join(directory, 'ledger.db');
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (): StoreFile<Ledger> =>
  new StoreFile({
    path,
    open: (at) => new Ledger(at, HOST),
    close: (ledger) => ledger[Symbol.dispose](),
    carryOver: (ledger, damaged) => ledger.carryOver(damaged),
  });

/** Of half of the containers the end is recorded; each has used its number times READINGS ns. */
function fill(ledger: Ledger): void {
  const subjects = Array.from({ length: CONTAINERS }, (_, i) => new Subject(String(i)));
  for (let minute = 1; minute <= READINGS; minute++) {
    ledger.record({ readings: subjects.map((subject, i) => subject.at(minute * MINUTE, minute * i)), ends: [] });
  }
  const ended = subjects.slice(0, CONTAINERS / 2);
  ledger.record({ readings: [], ends: ended.map((subject, i) => subject.end((READINGS + 1) * MINUTE, READINGS * i)) });
}

function used(ledger: Ledger): Map<string, bigint> {
  const { steps } = ledger.usage({ boundariesMs: [0, NOON * 2], aggregate: 'container' });
  return new Map(steps[0]?.rows.map(({ key, totals }) => [key, totals.cpuNs]));
}

/** Records, as the agent does, what a damaged ledger did not have whole. */
function recordAnew(ledger: Ledger): void {
  const lost = ledger.toRecord.map((text) => JSON.parse(text) as { counters: { cpuUsageNs: string } });
  const ends = lost.map(({ counters }) => {
    const subject = new Subject(String(Number(counters.cpuUsageNs) / READINGS));
    return subject.end((READINGS + 1) * MINUTE, BigInt(counters.cpuUsageNs));
  });
  ledger.record({ readings: [], ends });
  ledger.recordedAnew();
}

function makeLedger(): void {
  const file = open();
  file.use(fill);
  file.close();
}

function flip(offset: number, bytes: number): void {
  const content = readFileSync(path);
  for (let i = offset; i < Math.min(content.length, offset + bytes); i++) content.writeUInt8(content.readUInt8(i) ^ 0xa5, i);
  writeFileSync(path, content);
}

const ended = Array.from({ length: CONTAINERS / 2 }, (_, i) => String(i));
const keptNames = (): string[] => readdirSync(directory).filter((name) => /\.damaged-\d+$/.test(name));

test('any one page may be damaged: what ended is billed exactly, and nothing wrongly', () => {
  makeLedger();
  const whole = readFileSync(path);
  const pages = whole.length / PAGE;
  let complete = 0;
  for (let page = 0; page < pages; page++) {
    writeFileSync(path, whole);
    flip(page * PAGE + (page === 0 ? MAGIC : 0), 24);
    const file = open();
    file.use((ledger) => {
      recordAnew(ledger);
      const told = used(ledger);
      expect(ledger.verify().problems, `page ${page}`).toEqual([]);
      for (const [key, cpuNs] of told) expect(cpuNs, `${key} with page ${page}`).toBe(BigInt(Number(key) * READINGS));
      if (ended.every((key) => told.has(key))) complete += 1;
    });
    file.close();
    for (const name of readdirSync(directory)) if (name !== 'ledger.db') rmSync(join(directory, name));
  }
  // Some pages name meters, or are above all others in their tree: what these name is lost.
  expect(complete / pages).toBeGreaterThan(0.8);
});

test('a header that is overwritten costs nothing', () => {
  makeLedger();
  flip(0, 100);
  const file = open();
  file.use((ledger) => {
    expect(used(ledger).size).toBe(CONTAINERS);
    expect(ledger.losses).toMatchObject([{ problem: 'damaged' }]);
    expect(ledger.verify().problems).toEqual([]);
  });
  file.close();
  expect(keptNames()).toHaveLength(1);
  expect(readdirSync(directory).filter((name) => name.includes('carrying-over'))).toEqual([]);
});

test('a kill at any step of the rescue loses nothing', () => {
  makeLedger();
  flip(0, 100);
  const damaged = readFileSync(path);
  for (let steps = 1, isKilled = true; isKilled; steps++) {
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
    writeFileSync(path, damaged);
    const { signal, status, stderr } = spawnSync(process.execPath, [KILLED_RESCUE, path, HOST, String(steps)], {
      encoding: 'utf8',
    });
    isKilled = signal === 'SIGKILL';
    if (!isKilled) expect(status, stderr).toBe(0);
    const file = open();
    file.use((ledger) => {
      expect(used(ledger).size, `killed at step ${steps}`).toBe(CONTAINERS);
      expect(ledger.losses, `killed at step ${steps}`).toHaveLength(1);
      expect(ledger.verify().problems).toEqual([]);
    });
    file.close();
    const left = readdirSync(directory).filter((name) => name !== 'ledger.db' && name !== 'ledger.db-held');
    expect(left, `killed at step ${steps}`).toEqual(keptNames());
    expect(readFileSync(join(directory, left[0] ?? ''))).toEqual(damaged);
  }
}, 60_000);

test('a rescue for which the disk has no room is tried again with the next use', () => {
  makeLedger();
  flip(0, 100);
  const damaged = readFileSync(path);
  let hasRoom = false;
  const file = new StoreFile<Ledger>({
    path,
    open: (at) => new Ledger(at, HOST),
    close: (ledger) => ledger[Symbol.dispose](),
    carryOver: (ledger, from) => {
      if (!hasRoom) throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
      ledger.carryOver(from);
    },
  });
  expect(() => file.use(used)).toThrow('full');
  expect(readFileSync(path)).toEqual(damaged);
  expect(keptNames()).toEqual([]);
  hasRoom = true;
  expect(file.use(used).size).toBe(CONTAINERS);
  file.close();
  expect(keptNames()).toHaveLength(1);
});

test('a meter that lacks its row of what goes on is counted from its beginning again', () => {
  const subject = new Subject('a');
  const group = new Subject('g', 'boot:1', 'group');
  let ledger = new Ledger(path, HOST);
  ledger.record({ readings: [subject.at(MINUTE, 5), group.at(MINUTE, 5)], ends: [] });
  ledger[Symbol.dispose]();
  const database = new DatabaseSync(path);
  database.exec('DELETE FROM running');
  database.close();
  ledger = new Ledger(path, HOST);
  ledger.record({ readings: [subject.at(2 * MINUTE, 7), group.at(2 * MINUTE, 7)], ends: [] });
  ledger.record({ readings: [group.at(3 * MINUTE, 9)], ends: [subject.end(3 * MINUTE, 9)] });
  expect(used(ledger)).toEqual(new Map([['a', 9n]]));
  expect(ledger.verify().problems).toEqual([]);
  ledger[Symbol.dispose]();
});

test('what goes on since the clock showed 1970 is carried over with its readings', () => {
  const begin = (key: string, boot: string, beganMs: number): Subject => {
    const subject = new Subject(key);
    Object.assign(subject.info, { boot: { id: boot, beganMs: 0 }, beganMs });
    return subject;
  };
  const [early, other] = [begin('early', 'here', 0), begin('other', 'there', NOON)];
  const file = open();
  file.use((ledger) => {
    const at = { bootMs: MINUTE, monotonicMs: MINUTE };
    const clock = { bootId: 'here', bootMs: MINUTE, wallMs: MINUTE };
    ledger.record({ clock, readings: [early.at(MINUTE, 7, { ...at, atMs: MINUTE })], ends: [] });
    ledger.record({ clock: { ...clock, bootMs: MINUTE + 1, wallMs: NOON + MINUTE }, readings: [], ends: [] });
    ledger.record({ clock: { ...clock, bootId: 'there', wallMs: NOON + MINUTE }, readings: [other.at(MINUTE, 5, at)], ends: [] });
  });
  file.close();
  flip(0, 100);
  const again = open();
  again.use((ledger) => {
    expect(ledger.losses).toHaveLength(1);
    expect(used(ledger)).toEqual(
      new Map([
        ['early', 7n],
        ['other', 5n],
      ]),
    );
  });
  again.close();
});

test('a page that is damaged while the ledger is open is found at its use, and the use succeeds', () => {
  makeLedger();
  const file = open();
  file.use((ledger) => expect(used(ledger).size).toBe(CONTAINERS));
  // The pages of another process's cache are not the file's: one that is cut off is read anew.
  truncateSync(path, 3 * PAGE);
  const subject = new Subject('new');
  file.use((ledger) => ledger.record({ readings: [subject.at(MINUTE, 5)], ends: [] }));
  file.use((ledger) => {
    recordAnew(ledger);
    expect(used(ledger).get('new')).toBe(5n);
    expect(ledger.verify().problems).toEqual([]);
    expect(ledger.losses).toMatchObject([{ problem: 'damaged' }]);
  });
  file.close();
  expect(keptNames()).toHaveLength(1);
});

test('rows from before there was a host id get this host’s', () => {
  const database = new DatabaseSync(path);
  const [first] = MIGRATIONS as [string];
  database.exec(`${first}; CREATE TABLE schema_version (version INTEGER NOT NULL); INSERT INTO schema_version VALUES (1)`);
  database.exec("INSERT INTO meters VALUES (1, 'container', 'a', '1', 'name', 'base', '{}', 1, 2, '')");
  database.close();
  const ledger = new Ledger(path, HOST);
  ledger.record({ readings: [new Subject('b').at(MINUTE, 1)], ends: [] });
  ledger[Symbol.dispose]();
  const again = new DatabaseSync(path);
  expect(again.prepare('SELECT subject, host FROM meters ORDER BY id').all()).toEqual([
    { subject: 'a', host: HOST },
    { subject: 'b', host: HOST },
  ]);
  again.close();
});
