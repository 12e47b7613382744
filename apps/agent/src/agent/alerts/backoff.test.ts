import { expect, test } from 'vitest';
import { backoffMs, isGivenUp, LONGEST_BACKOFF_MS } from './backoff.ts';

test('each wait is up to twice the one before, to an hour, and at least half of that', () => {
  const longest = Array.from({ length: 14 }, (_, i) => backoffMs(i + 1, () => 1));
  expect(longest.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
  expect(longest.slice(-2)).toEqual([LONGEST_BACKOFF_MS, LONGEST_BACKOFF_MS]);
  expect(Array.from({ length: 14 }, (_, i) => backoffMs(i + 1, () => 0))).toEqual(longest.map((ms) => ms / 2));
});

test('a delivery is given up a day after it was made, and in between tried often enough', () => {
  let [nextAt, attempts] = [0, 0];
  while (!isGivenUp({ madeAt: 0, nextAt })) nextAt += backoffMs(++attempts, () => 1);
  expect(nextAt).toBeGreaterThan(86_400_000);
  expect(nextAt).toBeLessThanOrEqual(86_400_000 + LONGEST_BACKOFF_MS);
  expect(attempts).toBeGreaterThan(30);
  expect(attempts).toBeLessThan(60);
});
