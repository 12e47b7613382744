import { inWords } from '@plimsoll/protocol/quantities';
import { expect, it } from 'vitest';
import { percent, plural } from './format.ts';

it('shows a share that is small but not zero', () => {
  expect(inWords(percent(0))).toBe('0 %');
  expect(inWords(percent(0.004))).toBe('0.4 %');
  expect(inWords(percent(1))).toBe('100 %');
});

it('counts in words', () => {
  expect(plural(1, 'container')).toBe('1 container');
  expect(plural(1200, 'container')).toBe('1,200 containers');
});
