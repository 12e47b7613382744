import { expect, it } from 'vitest';
import { SPARKLINE_POINTS, SparklineSeries } from './sparkline-series.ts';

const step = 5000;

it('takes the mean of each step', () => {
  const series = new SparklineSeries(step);
  series.push(100 * step, 1);
  series.push(100 * step + 1000, 3);
  series.push(101 * step, 5);
  expect(series.points(101 * step).slice(-2)).toEqual([2, 5]);
  expect(series.points(101 * step)).toHaveLength(SPARKLINE_POINTS);
});

it('leaves a gap where nothing was read', () => {
  const series = new SparklineSeries(step);
  series.push(100 * step, 1);
  series.push(101 * step, NaN);
  series.push(103 * step, 2);
  expect(series.points(103 * step).slice(-4)).toEqual([1, NaN, NaN, 2]);
});

it('forgets what is older than its window', () => {
  const series = new SparklineSeries(step);
  series.push(100 * step, 7);
  series.push((100 + SPARKLINE_POINTS) * step, 1);
  const points = series.points((100 + SPARKLINE_POINTS) * step);
  expect(points.filter((value) => !Number.isNaN(value))).toEqual([1]);
  series.push(100 * step, 7);
  expect(series.points((100 + SPARKLINE_POINTS) * step).at(0)).toBeNaN();
});

it('moves on while nothing comes', () => {
  const series = new SparklineSeries(step);
  series.push(100 * step, 1);
  expect(series.points(102 * step).slice(-3)).toEqual([1, NaN, NaN]);
});
