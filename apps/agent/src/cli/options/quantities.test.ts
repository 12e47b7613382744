import { expect, test } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatCores,
  parseBytes,
  parseCpus,
  parseDuration,
  parsePair,
  parseSeconds,
  parseTime,
} from './quantities.ts';
import { OptionError } from '../verb.ts';

test('what can be read', () => {
  expect(parseBytes('0.1g', '--memory')).toBe(107_374_182);
  expect(parseCpus('.5', '--cpus')).toBe(0.5);
  expect(parseDuration('2w', '--step')).toBe(14 * 86_400_000);
  expect(parseSeconds('0.5', '--time')).toBe(500);
  expect(parseTime('90s', '--since', 100_000)).toBe(10_000);
});

test.each([
  [parseBytes, '--memory "x": give a size'],
  [parseCpus, '--memory "x": give a number of cpus'],
  [parseDuration, '--memory "x": give a time such as 90s'],
  [parseSeconds, '--memory "x": give a number of seconds'],
  [parseTime, '--memory "x": give a time such as 15m'],
])('what cannot be read is told with its option: %o', (parse, words) => {
  expect(() => parse('x', '--memory')).toThrow(OptionError);
  expect(() => parse('x', '--memory')).toThrow(words);
});

test('a pair may have more equals signs in its value, and none in its name', () => {
  expect(parsePair('A=b=c', '--env')).toEqual(['A', 'b=c']);
  expect(() => parsePair('=b', '--env')).toThrow(/NAME=value/);
});

test('figures for a person', () => {
  expect([0, 1010 * 2 ** 20, NaN].map(formatBytes)).toEqual(['0 B', '0.99 GiB', '—']);
  expect([0.5, 12, NaN].map(formatCores)).toEqual(['0.50', '12.0', '—']);
  const now = Date.parse('2026-01-02T00:00:00Z');
  expect(formatAge('2026-01-01T23:59:30Z', now)).toBe('30 s');
  expect(formatAge('2026-01-01T21:00:00Z', now)).toBe('3 h');
});
