import { expect, it } from 'vitest';
import { fillShare, LOAD_LINE_AT, loadTone } from './load.ts';

it('warms past 80 % and is over at the line', () => {
  expect(loadTone(79, 100)).toBe('water');
  expect(loadTone(80, 100)).toBe('amber');
  expect(loadTone(100, 100)).toBe('over');
  expect(loadTone(1e9, undefined)).toBe('water');
  expect(loadTone(NaN, 100)).toBe('water');
});

it('meets the line exactly at the limit, and never leaves the bar', () => {
  expect(fillShare(100, 100)).toBe(LOAD_LINE_AT);
  expect(fillShare(1000, 100)).toBe(1);
  expect(fillShare(NaN, 100)).toBe(0);
  expect(fillShare(1, 0)).toBe(0);
});
