import { describe, expect, it } from 'vitest';
import { niceScale, timeTicks } from './scale.ts';

describe('niceScale', () => {
  it.each<[number, 'decimal' | 'binary' | 'whole', number[]]>([
    [0.54, 'decimal', [0, 0.2, 0.4, 0.6]],
    [2, 'decimal', [0, 0.5, 1, 1.5, 2]],
    [0, 'decimal', [0, 0.05, 0.1]],
    [64 * 2 ** 20, 'binary', [0, 16, 32, 48, 64].map((n) => n * 2 ** 20)],
    [69 * 2 ** 20, 'binary', [0, 32, 64, 96].map((n) => n * 2 ** 20)],
    [1, 'whole', [0, 1, 2]],
    [34, 'whole', [0, 10, 20, 30, 40]],
  ])('%d %s', (highest, kind, ticks) => expect(niceScale(highest, kind)).toEqual({ max: ticks.at(-1), ticks }));

  it('ends at its ceiling, unless something is higher', () => {
    expect(niceScale(0.3, 'decimal', 0.54)).toEqual({ max: 0.54, ticks: [0, 0.2, 0.4] });
    expect(niceScale(0.7, 'decimal', 0.54)).toEqual({ max: 0.8, ticks: [0, 0.2, 0.4, 0.6, 0.8] });
  });

  it('always holds what it is made for, in two to four steps', () => {
    for (const kind of ['decimal', 'binary', 'whole'] as const) {
      for (let highest = 0.001; highest < 1e13; highest *= 1.37) {
        const { max, ticks } = niceScale(highest, kind);
        expect(max).toBeGreaterThanOrEqual(highest * (1 - 1e-6));
        expect(ticks.length).toBeGreaterThanOrEqual(3);
        expect(ticks.length).toBeLessThanOrEqual(5);
      }
    }
  });
});

it('puts time ticks on round instants', () => {
  expect(timeTicks(61_000, 121_000)).toEqual([70_000, 80_000, 90_000, 100_000, 110_000, 120_000]);
  expect(timeTicks(1000, 301_000)).toEqual([60_000, 120_000, 180_000, 240_000, 300_000]);
  expect(timeTicks(5, 5)).toEqual([]);
});
