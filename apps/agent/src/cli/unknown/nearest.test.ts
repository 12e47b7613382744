import { expect, test } from 'vitest';
import { distance, nearest } from './nearest.ts';

test.each([
  ['', '', 0],
  ['run', 'run', 0],
  ['rnu', 'run', 1],
  ['rn', 'run', 1],
  ['runn', 'run', 1],
  ['ran', 'run', 1],
  ['inpsetc', 'inspect', 2],
  ['a', 'abcdef', 5],
])('from "%s" to "%s" are %i mistakes', (a, b, mistakes) => {
  expect(distance(a, b)).toBe(mistakes);
  expect(distance(b, a)).toBe(mistakes);
});

test.each([
  ['strat', 'start'],
  ['stope', 'stop'],
  ['rn', 'run'],
  ['x', undefined],
  ['pq', 'ps'],
  ['stat', 'stats'],
  ['sun', 'run'],
  ['pops', 'pop'],
  ['vanish', undefined],
])('"%s" is most likely %s', (typed, meant) => {
  expect(nearest(typed, ['start', 'stop', 'run', 'ps', 'stats', 'tops', 'pop'])).toBe(meant);
});
