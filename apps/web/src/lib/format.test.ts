import { describe, expect, it } from 'vitest';
import { bytes, cores, duration, inWords, nanoseconds, percent, plural } from './format.ts';

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.98 KiB'],
    [1024 ** 2, '1.00 MiB'],
    [1010 * 1024 ** 2, '0.99 GiB'],
    [12.44 * 1024 ** 3, '12.4 GiB'],
    [256 * 1024 ** 2, '256 MiB'],
    [NaN, '–'],
  ])('%d is %s', (value, text) => expect(inWords(bytes(value))).toBe(text));

  it('never takes more than four characters', () => {
    for (let value = 1; value < 1e15; value = value * 1.07 + 1) expect(bytes(value).figure.length).toBeLessThanOrEqual(4);
  });
});

it('keeps the width of small cpu figures', () => {
  expect(cores(0).figure).toBe('0.00');
  expect(cores(9.994).figure).toBe('9.99');
  expect(cores(64).figure).toBe('64.0');
});

it('shows a share that is small but not zero', () => {
  expect(inWords(percent(0))).toBe('0 %');
  expect(inWords(percent(0.004))).toBe('0.4 %');
  expect(inWords(percent(1))).toBe('100 %');
});

it.each([
  [999, '0 s'],
  [59_999, '59 s'],
  [185_000, '3 min 05 s'],
  [7_620_000, '2 h 07 min'],
  [1_051_200_000, '12 d 4 h'],
  [-5, '0 s'],
])('%d ms lasts %s', (ms, text) => expect(duration(ms)).toBe(text));

it('scales spans of a start', () => {
  expect(inWords(nanoseconds(840))).toBe('840 ns');
  expect(inWords(nanoseconds(12_440))).toBe('12.4 µs');
  expect(inWords(nanoseconds(1_830_000))).toBe('1.83 ms');
});

it('counts in words', () => {
  expect(plural(1, 'container')).toBe('1 container');
  expect(plural(1200, 'container')).toBe('1,200 containers');
});
