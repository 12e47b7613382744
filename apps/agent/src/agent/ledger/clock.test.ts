import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, NOON, SECOND, Subject } from './ledger.fixture.ts';
import { Ledger } from './ledger.ts';
import type { MeterEnd, MeterReading } from './input.ts';
import type { Totals } from './quantities.ts';

const HOST = '00000000-0000-4000-8000-000000000000';

/** At NOON the host had been up for an hour. */
const BOOT_MS = HOUR;
const FOR_GOOD = { minutesMs: 1e15, hoursMs: 1e15, daysMs: 1e15 };

let directory: string;
let ledger: Ledger;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plim-ledger-'));
  ledger = new Ledger(join(directory, 'ledger.db'), HOST);
});
afterEach(() => {
  ledger[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

function reopen(): void {
  ledger[Symbol.dispose]();
  ledger = new Ledger(join(directory, 'ledger.db'), HOST);
}

/** From one offset from NOON to another, of everything. */
function used(fromMs: number, toMs: number): Totals | undefined {
  const { steps } = ledger.usage({ boundariesMs: [NOON + fromMs, NOON + toMs], aggregate: 'image' });
  return steps[0]?.rows[0]?.totals;
}

const cpuOf = (fromMs: number, toMs: number) => used(fromMs, toMs)?.cpuNs ?? 0n;

/** `ms` after NOON by the right clock, while the host's shows `wrongMs` more. */
const seen = (ms: number, wrongMs = 0, bootId = 'boot') => ({ bootId, bootMs: BOOT_MS + ms, wallMs: NOON + ms + wrongMs });

class Timed extends Subject {
  readonly #beganMs: number;
  readonly #wrongMs: number;

  /** Began so many ms after NOON, by a clock that was then wrong by so much. */
  constructor(subject: string, beganMs = 0, wrongMs = 0, boot = 'boot') {
    super(subject);
    this.#beganMs = beganMs;
    this.#wrongMs = wrongMs;
    this.info.beganMs = NOON + beganMs + wrongMs;
    this.info.boot = { id: boot, beganMs: BOOT_MS + beganMs };
  }

  /** `ms` after NOON, as a clock that is wrong by so much has it. */
  readAt(ms: number, cpuNs: bigint | number, wrongMs = 0): MeterReading {
    const { wallMs, bootMs } = seen(ms, wrongMs);
    return this.at(ms - this.#beganMs, cpuNs, { atMs: wallMs, bootMs, monotonicMs: bootMs });
  }

  endAt(ms: number, cpuNs: bigint | number, wrongMs = this.#wrongMs): MeterEnd {
    const { wallMs, bootMs } = seen(ms, wrongMs);
    return this.end(ms - this.#beganMs, cpuNs, { atMs: wallMs, bootMs });
  }
}

test.each([
  ['forward and back', 2 * HOUR],
  ['back and forward', -2 * HOUR],
])('a clock that jumps %s labels nothing with the wrong time', (_which, wrongMs) => {
  const one = new Timed('a');
  ledger.record({ clock: seen(MINUTE), readings: [one.readAt(MINUTE, 10)], ends: [] });
  ledger.record({ clock: seen(2 * MINUTE, wrongMs), readings: [one.readAt(2 * MINUTE, 200, wrongMs)], ends: [] });
  // As long as it is wrong it is the only one that there is.
  expect(cpuOf(wrongMs, wrongMs + 2 * MINUTE)).toBe(200n);
  expect(ledger.verify().problems).toEqual([]);
  ledger.record({ clock: seen(3 * MINUTE), readings: [one.readAt(3 * MINUTE, 3000)], ends: [] });
  expect([cpuOf(0, MINUTE), cpuOf(MINUTE, 2 * MINUTE), cpuOf(2 * MINUTE, 3 * MINUTE)]).toEqual([10n, 190n, 2800n]);
  ledger.record({ clock: seen(4 * MINUTE), readings: [], ends: [one.endAt(4 * MINUTE, 12_345_678_901n)] });
  expect(used(-DAY, DAY)).toMatchObject({ cpuNs: 12_345_678_901n, elapsedMs: BigInt(4 * MINUTE) });
  expect(used(0, 4 * MINUTE)).toEqual(used(-DAY, DAY));
  expect(ledger.verify().problems).toEqual([]);
});

test('a wrong clock of the start of the host is corrected for all that ran before', () => {
  const since1970 = -NOON;
  const [gone, there] = [new Timed('a', 0, since1970), new Timed('b', SECOND, since1970)];
  ledger.record({
    clock: seen(MINUTE, since1970),
    readings: [there.readAt(MINUTE, 7, since1970)],
    ends: [gone.endAt(30 * SECOND, 5)],
  });
  ledger.record({ clock: seen(2 * MINUTE), readings: [there.readAt(2 * MINUTE, 9)], ends: [] });
  expect(cpuOf(0, 2 * MINUTE)).toBe(14n);
  expect(cpuOf(0, SECOND)).toBe(0n);
  expect(ledger.verify().problems).toEqual([]);
});

test('containers that begin or end while the clock is wrong have their right times afterwards', () => {
  const wrongMs = 2 * HOUR;
  const [before, within, after] = [new Timed('a'), new Timed('b', 2 * MINUTE, wrongMs), new Timed('c', 3 * MINUTE, wrongMs)];
  ledger.record({ clock: seen(MINUTE), readings: [before.readAt(MINUTE, 1)], ends: [] });
  ledger.record({
    clock: seen(3 * MINUTE, wrongMs),
    readings: [after.readAt(3 * MINUTE + 1, 100, wrongMs)],
    ends: [before.endAt(2 * MINUTE + 30 * SECOND, 3, wrongMs), within.endAt(2 * MINUTE + 40 * SECOND, 20)],
  });
  ledger.record({ clock: seen(5 * MINUTE), readings: [], ends: [after.endAt(4 * MINUTE, 500, 0)] });
  expect(cpuOf(0, 4 * MINUTE)).toBe(523n);
  expect(cpuOf(2 * MINUTE + 30 * SECOND, 2 * MINUTE + 40 * SECOND)).toBe(5n);
  expect(used(-DAY, DAY)?.elapsedMs).toBe(BigInt(2.5 * MINUTE + 40 * SECOND + MINUTE));
  expect(ledger.verify().problems).toEqual([]);
});

test('a jump while no agent was there moves what was recorded before it', () => {
  const [one, other] = [new Timed('a'), new Timed('b', MINUTE, 0)];
  ledger.record({ clock: seen(MINUTE), readings: [one.readAt(MINUTE, 10)], ends: [] });
  reopen();
  // There and back again, and the end of one lies in the middle.
  ledger.record({ clock: seen(10 * MINUTE), readings: [], ends: [other.endAt(5 * MINUTE, 3, 2 * HOUR)] });
  expect(cpuOf(0, MINUTE)).toBe(10n);
  expect(cpuOf(MINUTE, 5 * MINUTE)).toBe(3n);
  reopen();
  ledger.record({ clock: seen(20 * MINUTE, -DAY), readings: [one.readAt(20 * MINUTE, 20, -DAY)], ends: [] });
  expect(cpuOf(-DAY, -DAY + 20 * MINUTE)).toBe(23n);
  expect(cpuOf(0, 20 * MINUTE)).toBe(0n);
  expect(ledger.verify().problems).toEqual([]);
});

test('other boots, and meters from before there were any, stay where they are', () => {
  const old = new Subject('old');
  const other = new Timed('other', 0, 0, 'another');
  ledger.record({ readings: [], ends: [old.end(MINUTE, 3)] });
  ledger.record({ clock: seen(0, 0, 'another'), readings: [], ends: [other.endAt(MINUTE, 5)] });
  ledger.record({ clock: seen(0), readings: [], ends: [] });
  ledger.record({ clock: seen(2 * MINUTE, DAY), readings: [], ends: [] });
  expect(cpuOf(0, MINUTE)).toBe(8n);
  // A clock that was set, of which a container's end alone tells, and another boot of since.
  ledger.record({ clock: seen(3 * MINUTE, DAY), readings: [], ends: [new Timed('x', 0, HOUR, 'another').endAt(2 * MINUTE, 1)] });
  expect(cpuOf(HOUR, HOUR + 2 * MINUTE)).toBe(6n);
  expect(ledger.verify().problems).toEqual([]);
});

test('roll-ups lose nothing, whenever the clock jumps', () => {
  const wrongMs = 26 * HOUR;
  const one = new Timed('a');
  const minutes = (from: number, to: number, wrong: number) =>
    ledger.record({
      clock: seen(to * MINUTE, wrong),
      readings: Array.from({ length: to - from }, (_, i) =>
        one.readAt((from + i + 1) * MINUTE, BigInt(from + i + 1) ** 3n, wrong),
      ),
      ends: [],
    });
  minutes(0, 200, 0);
  ledger.rollUp(NOON + 200 * MINUTE, FOR_GOOD);
  minutes(200, 400, wrongMs);
  ledger.rollUp(NOON + 400 * MINUTE + wrongMs, FOR_GOOD);
  minutes(400, 600, 0);
  expect(ledger.verify().problems).toEqual([]);
  for (const retention of [FOR_GOOD, { ...FOR_GOOD, minutesMs: HOUR }, { ...FOR_GOOD, minutesMs: HOUR, hoursMs: HOUR }]) {
    ledger.rollUp(NOON + 3 * DAY, retention);
    expect(cpuOf(0, 600 * MINUTE)).toBe(600n ** 3n);
    expect(ledger.verify().problems).toEqual([]);
  }
});

test('nothing is dropped for its age while the clock is not to be trusted', () => {
  const one = new Timed('a');
  ledger.record({ clock: seen(MINUTE), readings: [one.readAt(MINUTE, 5)], ends: [one.endAt(2 * MINUTE, 9)] });
  ledger.rollUp(NOON + 9000 * DAY, null);
  expect(ledger.verify().readings).toBeGreaterThan(2);
  expect(cpuOf(MINUTE, 2 * MINUTE)).toBe(4n);
});

test('a jump whose batch fails moves nothing', () => {
  const one = new Timed('a');
  ledger.record({ clock: seen(MINUTE), readings: [one.readAt(MINUTE, 5)], ends: [] });
  const broken = new Timed('b');
  broken.info.image = null as unknown as string;
  const readings = [broken.readAt(2 * MINUTE, 1, HOUR)];
  expect(() => ledger.record({ clock: seen(2 * MINUTE, HOUR), readings, ends: [] })).toThrow(/cannot be bound|NOT NULL/);
  ledger.record({ clock: seen(3 * MINUTE), readings: [one.readAt(3 * MINUTE, 9)], ends: [] });
  expect([cpuOf(0, MINUTE), cpuOf(MINUTE, 3 * MINUTE)]).toEqual([5n, 4n]);
});

test('a step rewrites no row, however many there are, and holds after a kill', () => {
  const many = Array.from({ length: 200 }, (_, i) => new Timed(String(i)));
  ledger.record({ clock: seen(MINUTE), readings: many.map((one) => one.readAt(MINUTE, 5)), ends: [] });
  ledger.record({ clock: seen(2 * MINUTE), readings: [], ends: many.slice(1).map((one) => one.endAt(2 * MINUTE, 9)) });
  const rows = (): unknown[] => {
    using database = new DatabaseSync(join(directory, 'ledger.db'), { readOnly: true });
    const tables = ['minutes', 'hours', 'days', 'segments', 'meters'];
    return tables.map((table) => database.prepare(`SELECT * FROM ${table}`).all());
  };
  const before = rows();
  ledger.record({ clock: seen(3 * MINUTE, -2 * DAY), readings: [], ends: [] });
  expect(rows()).toEqual(before);
  for (const again of [() => {}, reopen]) {
    again();
    expect(cpuOf(-2 * DAY, -2 * DAY + MINUTE)).toBe(1000n);
    expect(cpuOf(-2 * DAY + MINUTE, -2 * DAY + 2 * MINUTE)).toBe(796n);
    expect(cpuOf(0, DAY)).toBe(0n);
  }
  expect(ledger.verify().problems).toEqual([]);
});

test('ages are by the clock as it is now, of a boot that began in 1970 and of others', () => {
  const since1970 = -NOON;
  const [here, other] = [new Timed('here', 0, since1970), new Timed('other', 0, 0, 'another')];
  ledger.record({ clock: seen(0, 0, 'another'), readings: [], ends: [other.endAt(MINUTE, 5)] });
  ledger.record({ clock: seen(MINUTE, since1970), readings: [here.readAt(MINUTE, 7, since1970)], ends: [] });
  ledger.record({ clock: seen(90 * MINUTE), readings: [here.readAt(90 * MINUTE, 9)], ends: [] });
  ledger.rollUp(NOON + 91 * MINUTE, { minutesMs: DAY, hoursMs: DAY, daysMs: DAY });
  expect([cpuOf(0, MINUTE), cpuOf(MINUTE, 90 * MINUTE)]).toEqual([12n, 2n]);
  ledger.rollUp(NOON + 3 * DAY, { minutesMs: HOUR, hoursMs: HOUR, daysMs: 1e15 });
  const { readings, problems } = ledger.verify();
  expect(problems).toEqual([]);
  // Of each the last of its day.
  expect(readings).toBe(2);
  expect(cpuOf(0, DAY)).toBe(14n);
});

test('an hour of usage is the same by hours and at once after a step of some minutes', () => {
  const one = new Timed('a');
  ledger.record({ clock: seen(1), readings: [one.readAt(1, 0)], ends: [] });
  for (let minute = 1; minute <= 300; minute++) {
    ledger.record({ readings: [one.readAt(minute * MINUTE, BigInt(minute) * 60n)], ends: [] });
  }
  ledger.rollUp(NOON + 300 * MINUTE, FOR_GOOD);
  ledger.record({ clock: seen(301 * MINUTE, 7 * MINUTE), readings: [], ends: [one.endAt(301 * MINUTE, 18_060n, 7 * MINUTE)] });
  const boundariesMs = Array.from({ length: 6 }, (_, hour) => NOON + hour * HOUR);
  const { steps } = ledger.usage({ boundariesMs, aggregate: 'image' });
  const hourly = steps.map(({ rows }) => rows[0]?.totals.cpuNs ?? 0n);
  expect(hourly).toEqual([3180n, 3600n, 3600n, 3600n, 3600n]);
  expect(steps.map((_, hour) => cpuOf(hour * HOUR, (hour + 1) * HOUR))).toEqual(hourly);
});

test('a group that the host’s start ended, and readings without a boot, are labelled by the clock as it is', () => {
  const group = new Timed('acme', 0, HOUR);
  Object.assign(group.info, { kind: 'group', life: 'boot:1' });
  const lost = new Timed('lost', 0, HOUR);
  ledger.record({
    clock: seen(MINUTE, HOUR),
    readings: [group.readAt(MINUTE, 50, HOUR), lost.readAt(MINUTE, 30, HOUR)].map((reading) => ({ ...reading, group: 'acme' })),
    ends: [],
  });
  ledger.record({ clock: seen(2 * MINUTE), readings: [], ends: [] });
  const end = { ...lost.endAt(3 * MINUTE, 80, 0), group: 'acme', bootMs: null };
  ledger.record({ readings: [], ends: [{ ...end, info: { ...end.info, boot: null } }] });
  ledger.endGroupsOfOtherBoots('next');
  expect(cpuOf(0, 3 * MINUTE)).toBe(80n);
  expect(cpuOf(MINUTE, 3 * MINUTE)).toBe(50n);
  expect(cpuOf(3 * MINUTE, DAY)).toBe(0n);
  const { problems, groups } = ledger.verify();
  expect(problems).toEqual([]);
  expect(groups).toMatchObject([{ group: 'acme', counted: { cpuNs: 80n }, attributed: { cpuNs: 80n } }]);
});
