import { expect, test } from 'vitest';
import { count, secondsOfMs, secondsOfNs, secondsOfNsCount, secondsOfUs } from './numbers.ts';

test.each([
  [0n, '0'],
  [1n, '0.000000001'],
  [1_000_000_000n, '1'],
  [1_500_000_001n, '1.500000001'],
  [60_000_000_000n, '60'],
  [123_456_789_000n, '123.456789'],
  // Past 2^53, where a float in between would tell another nanosecond.
  [9_007_199_254_740_993n, '9007199.254740993'],
  [18_446_744_073_709_551_615n, '18446744073.709551615'],
])('%s ns', (ns, seconds) => {
  expect(secondsOfNs(ns)).toBe(seconds);
});

test('what the host does not count is none, and what it counted none of is 0', () => {
  for (const tell of [count, secondsOfNsCount, secondsOfUs]) {
    expect(tell(Number.NaN)).toBeNull();
    expect(tell(0)).toBe('0');
  }
});

test('counts are digits, microseconds and milliseconds seconds', () => {
  expect(count(2 ** 53 - 1)).toBe('9007199254740991');
  expect(secondsOfNsCount(340_000_000)).toBe('0.34');
  expect(secondsOfUs(1_000_001)).toBe('1.000001');
  expect(secondsOfMs(1_767_225_600_123)).toBe('1767225600.123');
});
