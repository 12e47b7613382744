import { describe, expect, test } from 'vitest';
import { age, duration, nanoseconds, parseDuration, parseOffset, parseSeconds, parseTime, spanInWords } from './duration.ts';
import { inWords } from './quantity.ts';

test.each([
  ['90s', 90_000],
  ['15m', 900_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
  ['250ms', 250],
  ['1h30m', 5_400_000],
  ['1d2h3m4s', 93_784_000],
  ['0s', 0],
])('%s lasts %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
  expect(parseSeconds(text)).toBe(ms);
});

test.each(['', '12', '1y', '1.5h', '-1h', 'h', '1h 30m', '1h30', '9999999999s', 'soon'])('%j is no duration', (text) =>
  expect(parseDuration(text)).toBeNull(),
);

test('a plain number is one of seconds where seconds are meant', () => {
  expect(['10', '0.5', '.25', '0'].map(parseSeconds)).toEqual([10_000, 500, 250, 0]);
  expect(['', '.', '-1', 'soon', '1e3', 'Infinity'].map(parseSeconds)).toEqual(Array(6).fill(null));
});

test('an offset goes to either side, by whole seconds', () => {
  expect(['90', '+2h', '-30d', '-60', '0', '-0'].map(parseOffset)).toEqual([90, 7200, -2_592_000, -60, 0, 0]);
  expect(['', '-', '--1', '1.5', '500ms', '1.5h', 'later'].map(parseOffset)).toEqual(Array(7).fill(null));
});

describe('a time', () => {
  const now = Date.parse('2026-11-25T12:00:00Z');

  test.each([
    ['90s', now - 90_000],
    ['1h30m', now - 5_400_000],
    ['7d', now - 7 * 86_400_000],
    ['0s', now],
    ['9999w', 0],
  ])('is so long ago: %s', (text, at) => expect(parseTime(text, now)).toBe(at));

  test.each([
    ['2026-11-25T11:00:00Z', now - 3_600_000],
    ['2026-11-25T11:00:00.5Z', now - 3_599_500],
    ['2026-11-25T13:00:00+01:00', now],
    ['2026-11-25', new Date(2026, 10, 25).getTime()],
    ['2026-11-25Z', Date.UTC(2026, 10, 25)],
    ['2026-11-25T13:00', new Date(2026, 10, 25, 13).getTime()],
    ['2026-11-25T13:00:01', new Date(2026, 10, 25, 13, 0, 1).getTime()],
    ['2026-11-25 13:00', new Date(2026, 10, 25, 13).getTime()],
  ])('is a date: %s', (text, at) => expect(parseTime(text, now)).toBe(at));

  test.each([
    ['1732543200', 1_732_543_200_000],
    ['1732543200.25', 1_732_543_200_250],
  ])('is a number of seconds since 1970: %s', (text, at) => expect(parseTime(text, now)).toBe(at));

  test.each(['', 'yesterday', '1', '12', '1y', '2026-13-45', '2026-11-25T25:00', '1926-11-25', '2026-11-25 noon', 'NaN'])(
    'is not %j',
    (text) => expect(parseTime(text, now)).toBeNull(),
  );
});

test.each([
  [999, '0 s'],
  [59_999, '59 s'],
  [185_000, '3 min 05 s'],
  [7_620_000, '2 h 07 min'],
  [1_051_200_000, '12 d 4 h'],
  [-5, '0 s'],
  [NaN, '–'],
])('a page shows %d ms as %s', (ms, text) => expect(duration(ms)).toBe(text));

test.each([
  [29_600, '30 s'],
  [119_000, '119 s'],
  [359_000, '5 min'],
  [10_900_000, '3 h'],
  [1_051_200_000, '12 d'],
  [-5, '0 s'],
  [NaN, '–'],
])('%d ms are an age of %s', (ms, text) => expect(age(ms)).toBe(text));

test.each([
  [500, '0.5 s'],
  [10_000, '10 s'],
  [60_000, '60 s'],
  [100_000, '100 s'],
  [300_000, '5 min'],
  [5_400_000, '90 min'],
  [9_000_000, '2.5 h'],
  [604_800_000, '7 d'],
  [NaN, '–'],
])('a sentence has %d ms as %s', (ms, text) => expect(spanInWords(ms)).toBe(text));

test('spans of a start', () => {
  expect([840, 12_440, 1_830_000, 2.5e9, NaN].map((ns) => inWords(nanoseconds(ns)))).toEqual([
    '840 ns',
    '12.4 µs',
    '1.83 ms',
    '2.50 s',
    '–',
  ]);
});
