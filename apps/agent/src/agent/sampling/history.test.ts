import { COLUMNS, decodeSamples, GAP } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { emptyFigures, type Figures } from './figures.ts';
import { History, RowHistory } from './history.ts';
import { encodeTableHistory } from './table-history.ts';

function figures(usage: bigint, cpuCores: number): Figures {
  return { ...emptyFigures(), cpuUsageNs: usage, cpuCores, pids: 1 };
}

test('a row is told of from its first figure on, at wall-clock times', () => {
  const clock = new History(1000);
  const row = new RowHistory(clock);
  clock.advance(1000);
  for (const t of [2000, 3000, 4000]) {
    clock.advance(t);
    row.put(figures(BigInt(t), t / 1000));
  }
  const { times, handles, columns } = decodeSamples(row.encode(7, 50_000, null));
  expect([...times]).toEqual([52_000, 53_000, 54_000]);
  expect([...handles]).toEqual([7]);
  expect([...(columns.cpuUsageNs ?? [])]).toEqual([2000n, 3000n, 4000n]);
  expect([...(columns.cpuCores ?? [])]).toEqual([2, 3, 4]);
});

test('a reading of this moment ends it', () => {
  const clock = new History(1000);
  const row = new RowHistory(clock);
  clock.advance(1000);
  row.put(figures(1n, 1));
  const { times, columns } = decodeSamples(row.encode(1, 0, { atMs: 1400, figures: figures(2n ** 60n, 9) }));
  expect([...times]).toEqual([1000, 1400]);
  expect([...(columns.cpuUsageNs ?? [])]).toEqual([1n, 2n ** 60n]);
});

test('ticks that were missed leave a gap, not a zero', () => {
  const clock = new History(1000);
  const row = new RowHistory(clock);
  for (const t of [1000, 2000, 7000]) {
    clock.advance(t);
    row.put(figures(BigInt(t), 1));
  }
  const { times, columns } = decodeSamples(row.encode(1, 0, null));
  expect([...times]).toEqual([1000, 2000, 4500, 7000]);
  expect([...(columns.cpuUsageNs ?? [])]).toEqual([1000n, 2000n, GAP, 7000n]);
  expect(columns.pids?.[2]).toBeNaN();
});

test('ten minutes are kept, and what was overwritten does not shine through', () => {
  const clock = new History(1000);
  const row = new RowHistory(clock);
  for (let t = 1; t <= 2000; t++) {
    clock.advance(t * 1000);
    if (t <= 1500 || t > 1990) row.put(figures(BigInt(t), t));
  }
  const { times, columns } = decodeSamples(row.encode(1, 0, null));
  expect(times.length).toBe(600);
  expect(columns.cpuUsageNs?.[0]).toBe(1401n);
  expect(columns.cpuUsageNs?.[100]).toBe(GAP);
  expect(columns.cpuUsageNs?.at(-1)).toBe(2000n);
});

test('a column has its own values from its second on, beside those that never change', () => {
  const clock = new History(1000);
  const row = new RowHistory(clock);
  for (let t = 0; t < 130; t++) {
    clock.advance(t * 1000);
    if (t % 50 === 7) continue;
    row.put({ ...figures(5n, 0), memoryUsageBytes: t, ioPressure: t === 99 ? 1 : Number.NaN, oomKills: t > 60 ? 1 : 0 });
  }
  const { columns } = decodeSamples(row.encode(1, 0, null));
  const expected = (value: (t: number) => number) =>
    Array.from({ length: 130 }, (_, t) => (t % 50 === 7 ? Number.NaN : value(t)));
  expect([...columns.memoryUsageBytes!]).toEqual(expected((t) => t));
  expect([...columns.ioPressure!]).toEqual(expected((t) => (t === 99 ? 1 : Number.NaN)));
  expect([...columns.oomKills!]).toEqual(expected((t) => (t > 60 ? 1 : 0)));
  expect([...columns.pids!]).toEqual(expected(() => 1));
  expect([...columns.cpuUsageNs!].map((usage, t) => usage === (t % 50 === 7 ? GAP : 5n))).not.toContain(false);
});

test('every column may change', () => {
  const clock = new History(1000);
  const row = new RowHistory(clock);
  const names = COLUMNS.map(({ name }) => name).filter((name) => name !== 'cpuUsageNs');
  for (let t = 0; t < 60; t++) {
    clock.advance(t * 1000);
    const changing = Object.fromEntries(names.map((name, i) => [name, t * 100 + i])) as unknown as Figures;
    row.put({ ...changing, cpuUsageNs: BigInt(t) });
  }
  const { columns } = decodeSamples(row.encode(1, 0, null));
  for (const [i, name] of names.entries()) {
    expect([...columns[name]!]).toEqual(Array.from({ length: 60 }, (_, t) => t * 100 + i));
  }
});

test('finer sampling is kept in steps that still reach back ten minutes', () => {
  const clock = new History(100);
  expect(clock.stepMs).toBe(1000);
  expect([100, 200, 1000, 1100, 1200, 2000, 2100].filter((t) => clock.advance(t))).toEqual([100, 1000, 2000]);
});

test("a table's history is means of cpu alone, with borders that stay where they are", () => {
  const clock = new History(1000);
  const row = new RowHistory(clock);
  for (let t = 0; t < 12; t++) {
    clock.advance(t * 1000);
    if (t >= 5) row.put(figures(0n, t));
  }
  const { times, columns } = decodeSamples(encodeTableHistory(clock, [{ handle: 3, history: row }], 0));
  expect([...times]).toEqual([4000, 9000, 11_000]);
  expect([...(columns.cpuCores ?? [])]).toEqual([Number.NaN, 7, 10.5]);
});

test("a table's history has at most 120 points", () => {
  const clock = new History(1000);
  for (let t = 0; t < 3333; t++) clock.advance(t * 1000);
  expect(decodeSamples(encodeTableHistory(clock, [], 0)).times.length).toBe(120);
});
