import { expect, test } from 'vitest';
import { formatAge, formatBytes, parseBytes, parsePair } from './quantities.ts';

test.each([
  ['64m', 64 * 2 ** 20],
  ['1.5g', 1.5 * 2 ** 30],
  ['512K', 512 * 1024],
  ['2GiB', 2 ** 31],
  ['100', 100],
  ['100b', 100],
])('%s is %i bytes', (text, bytes) => {
  expect(parseBytes(text, '--memory')).toBe(bytes);
});

test.each(['', 'm', '-1', '1x', '1e3', '0.1', '99999999999t', '1 g'])('%j is no size', (text) => {
  expect(() => parseBytes(text, '--memory')).toThrow(/--memory/);
});

test('a pair may have more equals signs in its value, and none in its name', () => {
  expect(parsePair('A=b=c', '--env')).toEqual(['A', 'b=c']);
  expect(() => parsePair('=b', '--env')).toThrow(/NAME=value/);
});

test('figures for a person', () => {
  expect([0, 1023, 1536, 64 * 2 ** 20, Number.NaN].map((bytes) => formatBytes(bytes))).toEqual([
    '0 B',
    '1023 B',
    '1.50 KiB',
    '64.0 MiB',
    '—',
  ]);
  const now = Date.parse('2026-01-02T00:00:00Z');
  expect(formatAge('2026-01-01T23:59:30Z', now)).toBe('30 s');
  expect(formatAge('2026-01-01T21:00:00Z', now)).toBe('3 h');
});
