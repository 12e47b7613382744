import { expect, test } from 'vitest';
import { IncidentPace } from './incident-pace.ts';

const told = (pace: IncidentPace, fromMs: number, toMs: number) =>
  Array.from({ length: (toMs - fromMs) / 10_000 }, (_, i) => fromMs + i * 10_000).filter((ms) => pace.pass(ms));

test('what goes on is told ever more rarely, and what begins anew at once', () => {
  const pace = new IncidentPace();
  expect(told(pace, 0, 200_000)).toEqual([0, 10_000, 30_000, 70_000, 150_000]);
  expect(told(pace, 1_000_000, 1_040_000)).toEqual([1_000_000, 1_010_000, 1_030_000]);
});

test('it is told each ten minutes at least', () => {
  const times = told(new IncidentPace(), 0, 10_000_000);
  expect(Math.max(...times.slice(1).map((time, i) => time - times[i]!))).toBe(600_000);
});
