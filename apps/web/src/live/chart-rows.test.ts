import { expect, it } from 'vitest';
import { chartRows } from './chart-rows.ts';
import { CHART_COLUMNS, type ChartColumn } from '@plimsoll/protocol';
import { SampleRing } from './sample-ring.ts';

function ringOf(readings: [number, number][]): SampleRing<ChartColumn> {
  const ring = new SampleRing<ChartColumn>(6001, CHART_COLUMNS);
  for (const [time, cpu] of readings) ring.push(time, (name) => (name === 'cpuCores' ? cpu : NaN));
  return ring;
}
const points = (ring: SampleRing<ChartColumn>, from: number, intervalMs: number) =>
  chartRows(ring, ['cpuCores'], from, intervalMs).map(({ time, cpuCores }) => [time, cpuCores]);

it('gives each reading from the window on', () => {
  expect(
    points(
      ringOf([
        [1000, 1],
        [2000, 2],
        [3000, NaN],
      ]),
      2000,
      1000,
    ),
  ).toEqual([
    [2000, 2],
    [3000, null],
  ]);
});

it('breaks the line where ticks are missing', () => {
  expect(
    points(
      ringOf([
        [1000, 1],
        [2000, 2],
        [6000, 3],
      ]),
      0,
      1000,
    ),
  ).toEqual([
    [1000, 1],
    [2000, 2],
    [2001, null],
    [6000, 3],
  ]);
});

it('thins out to what a chart can show, in steps that do not move with the window', () => {
  const ring = ringOf(Array.from({ length: 6000 }, (_, i) => [100_000 + i * 100, i % 2]));
  const rows = points(ring, 100_000, 100);
  expect(rows.length).toBeLessThanOrEqual(301);
  expect(rows.slice(5, 10).every(([, value]) => value === 0.5)).toBe(true);
  ring.push(700_000, () => 0);
  expect(points(ring, 102_000, 100).slice(5, 100)).toEqual(rows.slice(6, 101));
});

it('is empty without readings', () => expect(points(ringOf([]), 0, 1000)).toEqual([]));
