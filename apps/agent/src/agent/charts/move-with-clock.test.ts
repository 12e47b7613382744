import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, test } from 'vitest';
import { migrate } from '../database/migrate.ts';
import { ChartRollUp } from './chart-roll-up.ts';
import { ChartStore } from './chart-store.ts';
import { chartView } from './chart-view.ts';
import { samples } from './charts.fixture.ts';
import { moveWithClock } from './move-with-clock.ts';
import { MIGRATIONS } from './schema.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.parse('2026-03-01T12:00:00Z');
const FOR_GOOD = { seconds: 1e15, tens: 1e15, fives: 1e15, hours: 1e15 };
const acme = { kind: 'group', subject: 'acme' } as const;

let store: ChartStore;
let rollUp: ChartRollUp;
beforeEach(() => {
  const database = new DatabaseSync(':memory:');
  migrate(database, MIGRATIONS);
  store = new ChartStore(database);
  rollUp = new ChartRollUp(store);
});

/** The host was started at NOON. */
function clock(minute: number, wrongMs: number, bootId = 'boot'): void {
  const bootMs = minute * MINUTE;
  if (moveWithClock(store.database, { bootId, bootMs, wallMs: NOON + bootMs + wrongMs }) !== 0) rollUp.reload();
}

/** Minutes after NOON, in each of which so many cores are used, as a clock that is wrong by so much has them. */
function minutes(from: number, to: number, wrongMs: number): void {
  for (let minute = from; minute < to; minute++) {
    const chunk = samples(
      NOON + minute * MINUTE + wrongMs,
      Array.from({ length: 60 }, () => ({ cpuCores: minute })),
    );
    store.add([{ ...acme, chunk }], { from: NOON + wrongMs, to: NOON + (minute + 1) * MINUTE + wrongMs });
    if (minute % 10 === 0) while (rollUp.run(NOON + minute * MINUTE + wrongMs, FOR_GOOD));
  }
}

/** Cores in each of the minutes. */
function cores(fromMinute: number, toMinute: number): (number | null)[] {
  const [fromMs, toMs] = [NOON + fromMinute * MINUTE, NOON + toMinute * MINUTE];
  const asked = { ...acme, fromMs, toMs, points: toMinute - fromMinute, nowMs: toMs, retention: FOR_GOOD, pending: [] };
  return chartView(store, rollUp, asked).columns['cpuCores']?.mean ?? [];
}

test.each([2 * HOUR, -2 * HOUR, 90 * 24 * HOUR])(
  'a chart has its right times when a clock that jumped by %i ms is right again',
  (wrongMs) => {
    clock(0, 0);
    minutes(1, 40, 0);
    clock(40, wrongMs);
    minutes(40, 80, wrongMs);
    clock(80, 0);
    minutes(80, 120, 0);
    const found = cores(10, 110);
    const wrong = found.filter((value, i) => !(Math.abs((value ?? Number.NaN) - (10 + i)) < 1));
    expect(wrong).toEqual([]);
    expect(store.unseen(NOON, NOON + 120 * MINUTE)).toEqual([]);
  },
);

test('what is of another boot stays, and a new boot moves nothing', () => {
  clock(0, 0, 'first');
  minutes(1, 10, 0);
  const { bootMs, wallMs } = { bootMs: 0, wallMs: NOON + 20 * MINUTE };
  expect(moveWithClock(store.database, { bootId: 'second', bootMs, wallMs })).toBe(0);
  expect(moveWithClock(store.database, { bootId: 'second', bootMs: MINUTE, wallMs: NOON + 2 * HOUR })).toBeGreaterThan(0);
  expect(cores(2, 9)).toEqual([2, 3, 4, 5, 6, 7, 8]);
});

test.each([2 * HOUR, -2 * HOUR])(
  'series follow a clock that jumped by %i ms one by one, and none is shown or added to before',
  (byMs) => {
    clock(0, 0);
    const others = Array.from({ length: 20 }, (_, i) => ({ kind: 'container', subject: String(i) }) as const);
    const chunkAt = (atMs: number) => samples(atMs, [{ cpuCores: 1 }]);
    const chunks = [acme, ...others].map((one) => ({ ...one, chunk: chunkAt(NOON + MINUTE) }));
    store.add(chunks, { from: NOON, to: NOON + 2 * MINUTE });
    const times = () => store.database.prepare('SELECT from_ms - ? AS ms FROM seconds ORDER BY series, from_ms').all(NOON);
    const before = times();
    clock(2, byMs);
    expect(times()).toEqual(before);
    // One is added to at its new time, one is looked at, and then the process is killed.
    store.add([{ ...acme, chunk: chunkAt(NOON + byMs + 3 * MINUTE) }], { from: NOON + byMs, to: NOON + byMs + 3 * MINUTE });
    expect(store.chunks('seconds', store.find(others[0] ?? acme) ?? 0, NOON + byMs, NOON + byMs + HOUR)).toHaveLength(1);
    const moved = [{ ms: MINUTE + byMs }, { ms: 3 * MINUTE + byMs }, { ms: MINUTE + byMs }];
    expect(times()).toEqual([...moved, ...before.slice(2)]);
    store = new ChartStore(store.database);
    rollUp = new ChartRollUp(store);
    while (rollUp.run(NOON + byMs + 4 * MINUTE, FOR_GOOD));
    expect(times()).toEqual([...moved, ...others.slice(1).map(() => ({ ms: MINUTE + byMs }))]);
    expect(store.database.prepare('SELECT * FROM clock_steps').all()).toEqual([]);
    clock(5, 0);
    while (rollUp.run(NOON + 5 * MINUTE, FOR_GOOD));
    expect(times()).toEqual([{ ms: MINUTE }, { ms: 3 * MINUTE }, ...others.map(() => ({ ms: MINUTE }))]);
  },
);
