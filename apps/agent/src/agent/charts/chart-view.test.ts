import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, test } from 'vitest';
import { migrate } from '../database/migrate.ts';
import { ChartRollUp } from './chart-roll-up.ts';
import { ChartStore } from './chart-store.ts';
import { chartView } from './chart-view.ts';
import { samples } from './charts.fixture.ts';
import { MIGRATIONS } from './schema.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIDNIGHT = Date.parse('2026-03-01T00:00:00Z');
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

/** What its cpu was in a second after MIDNIGHT. */
const cores = (second: number) => (second % 3600) / 100 + Math.floor(second / 3600);

/** Minutes after MIDNIGHT, rolled up as they pass. */
function minutes(from: number, to: number, retention = FOR_GOOD): void {
  for (let minute = from; minute < to; minute++) {
    const rows = Array.from({ length: 60 }, (_, i) => ({ cpuCores: cores(minute * 60 + i), pids: 2 }));
    const chunk = samples(MIDNIGHT + minute * MINUTE, rows);
    store.add([{ ...acme, chunk }], { from: MIDNIGHT + from * MINUTE, to: MIDNIGHT + (minute + 1) * MINUTE });
    if (minute % 10 === 0) while (rollUp.run(MIDNIGHT + minute * MINUTE, retention));
  }
}

function view(fromMs: number, toMs: number, points: number, retention = FOR_GOOD, now = toMs) {
  const asked = { ...acme, fromMs: MIDNIGHT + fromMs, toMs: MIDNIGHT + toMs, points, nowMs: MIDNIGHT + now, retention };
  return chartView(store, rollUp, { ...asked, pending: [] });
}

test('every range has its means, least and most, at a grain that suits it', () => {
  minutes(0, 26 * 60);
  for (const [range, points, stepMs] of [
    [2 * MINUTE, 120, 1000],
    [HOUR, 400, 10_000],
    [5 * HOUR, 300, MINUTE],
    [DAY, 288, 300_000],
    [26 * HOUR, 26, HOUR],
  ] as const) {
    const told = view(26 * HOUR - range, 26 * HOUR, points);
    expect(told.stepMs, `${range}`).toBe(stepMs);
    const { mean = [], least = mean, most = mean } = told.columns.cpuCores ?? {};
    expect(mean.length).toBe(told.steps);
    for (const [step, value] of mean.entries()) {
      const begin = (told.from - MIDNIGHT) / 1000 + (step * stepMs) / 1000;
      const seconds = Array.from({ length: stepMs / 1000 }, (_, i) => cores(begin + i));
      // Three digits, of hours two and a half.
      const near = (n: number) => Math.max(0.001, n * (stepMs < HOUR ? 0.0015 : 0.005));
      const whole = seconds.reduce((sum, n) => sum + n, 0) / seconds.length;
      expect(Math.abs((value ?? NaN) - whole), `${range} ${step}`).toBeLessThan(near(whole));
      expect(Math.abs((least[step] ?? NaN) - Math.min(...seconds))).toBeLessThan(near(Math.min(...seconds)));
      expect(Math.abs((most[step] ?? NaN) - Math.max(...seconds))).toBeLessThan(near(Math.max(...seconds)));
    }
    expect(told.columns.pids).toEqual({ mean: mean.map(() => 2) });
  }
});

test('what is dropped at a fine grain is told by a coarser one', () => {
  const retention = { ...FOR_GOOD, seconds: HOUR, tens: 6 * HOUR };
  minutes(0, 10 * 60, retention);
  const { columns, steps } = view(0, 10 * HOUR, 1000, retention);
  expect(columns.cpuCores?.mean.filter((value) => value !== null)).toHaveLength(steps);
  const told = view(0, 10 * MINUTE, 600, retention, 10 * HOUR);
  expect(told).toMatchObject({ stepMs: 300_000, steps: 2, columns: { pids: { mean: [2, 2] } } });
});

test('where nothing was read there is a gap, and it is said when no agent was there', () => {
  minutes(0, 10);
  minutes(15, 30);
  const told = view(0, 30 * MINUTE, 30);
  const { mean = [] } = told.columns.cpuCores ?? {};
  expect(mean.flatMap((value, step) => (value === null ? [step] : []))).toEqual([10, 11, 12, 13, 14]);
  expect(told.unseen).toEqual([{ from: MIDNIGHT + 10 * MINUTE, to: MIDNIGHT + 15 * MINUTE }]);
  expect(view(16 * MINUTE, 17 * MINUTE, 10).unseen).toEqual([]);
  expect(view(12 * MINUTE, 13 * MINUTE, 10)).toMatchObject({
    unseen: [{ from: MIDNIGHT + 12 * MINUTE, to: MIDNIGHT + 13 * MINUTE }],
  });
});

test('what a killed agent had not stored is a part of the time in which none was there', () => {
  minutes(0, 10);
  store.add([], { from: MIDNIGHT, to: MIDNIGHT + 10 * MINUTE + 40_000 });
  minutes(12, 14);
  expect(view(0, 14 * MINUTE, 140).unseen).toEqual([{ from: MIDNIGHT + 10 * MINUTE, to: MIDNIGHT + 12 * MINUTE }]);
});

test('what is not stored yet is told as well, and of what nobody knows nothing', () => {
  minutes(0, 2);
  const pending = [samples(MIDNIGHT + 2 * MINUTE, [{ cpuCores: 7 }])];
  const asked = { fromMs: MIDNIGHT, toMs: MIDNIGHT + 3 * MINUTE, points: 180, nowMs: MIDNIGHT + 3 * MINUTE, retention: FOR_GOOD };
  expect(chartView(store, rollUp, { ...acme, ...asked, pending }).columns.cpuCores?.mean[120]).toBe(7);
  expect(chartView(store, rollUp, { kind: 'container', subject: 'x', ...asked, pending: [] }).columns).toEqual({});
});

test('samples that do not begin with the second are not torn apart', () => {
  const rows = Array.from({ length: 60 }, (_, i) => ({ cpuCores: i }));
  const seen = { from: MIDNIGHT, to: MIDNIGHT + 2 * MINUTE };
  for (const [minute, jitter] of [
    [0, 497],
    [1, 503],
  ] as const) {
    store.add([{ ...acme, chunk: samples(MIDNIGHT + minute * MINUTE + jitter, rows) }], seen);
  }
  const { columns } = view(5000, 105_000, 100);
  expect(columns.cpuCores?.mean.filter((value) => value === null)).toEqual([]);
  expect(columns.cpuCores?.least).toBeUndefined();
});

test('a kill in the middle of rolling up changes nothing', () => {
  minutes(0, 30);
  while (rollUp.run(MIDNIGHT + HOUR, FOR_GOOD));
  const before = view(0, 30 * MINUTE, 180);
  store.database.exec('DELETE FROM rolled_up');
  rollUp = new ChartRollUp(store);
  while (rollUp.run(MIDNIGHT + HOUR, FOR_GOOD));
  expect(view(0, 30 * MINUTE, 180)).toEqual(before);
});

test('retention drops what is older, and the names of what nothing is left of', () => {
  const retention = { seconds: HOUR, tens: 6 * HOUR, fives: 2 * DAY, hours: 3 * DAY };
  minutes(0, 30, retention);
  while (rollUp.run(MIDNIGHT + 5 * DAY, retention));
  expect(store.find(acme)).toBeNull();
  expect(store.unseen(0, MIDNIGHT + 5 * DAY)).toEqual([]);
  minutes(5 * 24 * 60, 5 * 24 * 60 + 1, retention);
  expect(view(5 * DAY, 5 * DAY + MINUTE, 6, retention).columns.pids).toEqual({ mean: [2, 2, 2, 2, 2, 2] });
});
