import { expect, it } from 'vitest';
import { unbrokenRuns } from './draw-sparkline.ts';

it('bridges short gaps and breaks at long ones', () => {
  expect(unbrokenRuns([1, NaN, 2, NaN, NaN, NaN, 3, 4], 2)).toEqual([
    [0, 2],
    [6, 7],
  ]);
  expect(unbrokenRuns([NaN, NaN], 2)).toEqual([]);
  expect(unbrokenRuns([NaN, 5, NaN], 1)).toEqual([[1]]);
});
