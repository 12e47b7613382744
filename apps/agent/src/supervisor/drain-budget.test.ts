import { expect, test } from 'vitest';
import { TimeBudget } from './drain-budget.ts';

test('what is spent beyond the savings is earned again before more is spent', () => {
  let now = 1000;
  const budget = new TimeBudget(0.1, 10, () => now);
  budget.spend(9);
  expect(budget.waitMs).toBe(0);
  budget.spend(3);
  expect(budget.waitMs).toBe(21);
  now += 21;
  expect(budget.waitMs).toBe(0);
});

test('no more is saved than the most', () => {
  let now = 0;
  const budget = new TimeBudget(0.1, 10, () => now);
  now += 1_000_000;
  budget.spend(11);
  expect(budget.waitMs).toBe(11);
});

test('of all the time that passes its share is spent, however large the pieces', () => {
  let now = 0;
  let spent = 0;
  const budget = new TimeBudget(0.1, 10, () => now);
  while (now < 10_000) {
    const { waitMs } = budget;
    now += Math.max(waitMs, 1);
    if (waitMs > 0) continue;
    budget.spend(5);
    spent += 5;
  }
  expect(spent).toBeGreaterThan(900);
  expect(spent).toBeLessThan(1020);
});
