import { expect, test } from 'vitest';
import { Overrun } from './overrun.ts';

const MOST_MS = 3000;

test('time above counts from the first sample above, and anew after one that is not', () => {
  const overrun = new Overrun();
  expect(overrun.aboveMs).toBeNull();
  overrun.sample(1000, false, MOST_MS);
  expect(overrun.aboveMs).toBeNull();
  overrun.sample(2000, true, MOST_MS);
  expect(overrun.aboveMs).toBe(0);
  overrun.sample(4500, true, MOST_MS);
  expect(overrun.aboveMs).toBe(2500);
  overrun.sample(5500, false, MOST_MS);
  expect(overrun.aboveMs).toBeNull();
  overrun.sample(6500, true, MOST_MS);
  expect(overrun.aboveMs).toBe(0);
});

test('what nobody saw counts neither for nor against', () => {
  const overrun = new Overrun();
  overrun.sample(1000, true, MOST_MS);
  overrun.sample(2000, true, MOST_MS);
  overrun.gap();
  overrun.sample(3000, true, MOST_MS);
  expect(overrun.aboveMs, 'no sample in between').toBe(1000);
  overrun.sample(4000, true, MOST_MS);
  expect(overrun.aboveMs).toBe(2000);
  overrun.sample(60_000, true, MOST_MS);
  expect(overrun.aboveMs, 'too far apart').toBe(2000);
  overrun.gap();
  expect(overrun.aboveMs).toBe(2000);
});
