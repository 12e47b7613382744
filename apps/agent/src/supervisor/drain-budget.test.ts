import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AllOutput, DrainBudget, TimeBudget } from './drain-budget.ts';

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

describe('of all containers', () => {
  const PIECE_MS = 2;
  const WINDOW_MS = 20_000;
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Containers whose FIFOs are never empty. Returns what each has spent. */
  function flood(all: AllOutput, containers: number): number[] {
    const spentMs = Array.from({ length: containers }, () => 0);
    for (const i of spentMs.keys()) {
      const budget = new DrainBudget(all);
      const turn = (): void => {
        budget.spend(PIECE_MS);
        spentMs[i]! += PIECE_MS;
        budget.wait(turn);
      };
      budget.wait(turn);
    }
    return spentMs;
  }

  test.each([1, 8, 100])('%i that flood their output spend no more than their share of the time, each as much', (containers) => {
    const spentMs = flood(new AllOutput(), containers);
    vi.advanceTimersByTime(WINDOW_MS);
    const sum = spentMs.reduce((total, ms) => total + ms, 0);
    expect(sum).toBeLessThanOrEqual(WINDOW_MS * Math.min(0.12, containers * 0.03) + 20 + containers * PIECE_MS);
    expect(sum).toBeGreaterThan(WINDOW_MS * Math.min(0.12, containers * 0.03) * 0.8);
    expect(Math.max(...spentMs) - Math.min(...spentMs)).toBeLessThanOrEqual(4 * PIECE_MS);
  });

  test('one that writes little is next, however many flood theirs', () => {
    const all = new AllOutput();
    const quiet = new DrainBudget(all);
    quiet.spend(0.05);
    flood(all, 100);
    const waitsMs: number[] = [];
    const write = (): void => {
      const from = performance.now();
      const read = (): void => {
        quiet.spend(0.05);
        waitsMs.push(performance.now() - from);
      };
      if (quiet.isOpen) read();
      else quiet.wait(read);
    };
    const writing = setInterval(write, 100);
    vi.advanceTimersByTime(WINDOW_MS);
    clearInterval(writing);
    expect(waitsMs.length).toBeGreaterThan(0.9 * (WINDOW_MS / 100));
    // A piece of another one is earned again before, and a timer is some milliseconds late.
    expect(Math.max(...waitsMs)).toBeLessThan(2 * (PIECE_MS / 0.12) + 5);
  });

  test('one that no longer waits has no turn', () => {
    const all = new AllOutput();
    const [first, second] = [new DrainBudget(all), new DrainBudget(all)];
    const turns: string[] = [];
    const waiting = first.wait(() => turns.push('first'));
    second.wait(() => turns.push('second'));
    waiting[Symbol.dispose]();
    vi.advanceTimersByTime(1000);
    expect(turns).toEqual(['second']);
    expect(first.isOpen).toBe(true);
  });
});
