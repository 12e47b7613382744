import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { YOUNG_AGES_MS, YoungSampler } from './young-sampler.ts';

let sampler: YoungSampler;
beforeEach(() => {
  vi.useFakeTimers();
  sampler = new YoungSampler(() => Date.now());
});
afterEach(() => {
  sampler[Symbol.dispose]();
  vi.useRealTimers();
});

function follow(isThere: () => boolean = () => true): number[] {
  const [bornMs, ages]: [number, number[]] = [Date.now(), []];
  sampler.follow(() => {
    ages.push(Date.now() - bornMs);
    return isThere();
  });
  return ages;
}

test('samples at each age, and then no more', () => {
  const ages = follow();
  vi.advanceTimersByTime(10_000);
  expect(ages).toEqual([...YOUNG_AGES_MS]);
  expect(vi.getTimerCount()).toBe(0);
});

test('each by its own age, with one timer for all; those that are due within some ms together', () => {
  const first = follow();
  vi.advanceTimersByTime(60);
  const second = follow();
  vi.advanceTimersByTime(3);
  const third = follow();
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(10_000);
  expect([first, second]).toEqual([[...YOUNG_AGES_MS], [...YOUNG_AGES_MS]]);
  expect(third).toEqual(YOUNG_AGES_MS.map((age) => age - 3));
});

test('what has gone is left alone', () => {
  const ages = follow(() => false);
  vi.advanceTimersByTime(10_000);
  expect(ages).toEqual([50]);
});
