import { describe, expect, test } from 'vitest';
import { inWords } from './quantity.ts';
import { bytes, bytesPerSecond, gibHours, parseSize, readSize, SIZE_WANTED, sizeInWords, sizeText } from './size.ts';

const MIB = 2 ** 20;

test.each([
  ['64m', 64 * MIB],
  ['64 MiB', 64 * MIB],
  [' 256 mib ', 256 * MIB],
  ['1.5g', 1.5 * 2 ** 30],
  ['.5g', 2 ** 29],
  ['0.1g', 107_374_182],
  ['512K', 524_288],
  ['512kb', 524_288],
  ['2GiB', 2 ** 31],
  ['2p', 2 ** 51],
  ['1048576', MIB],
  ['100b', 100],
  ['10 B', 10],
  ['0', 0],
  ['0g', 0],
])('%s is %d bytes', (text, value) => expect(parseSize(text)).toBe(value));

test.each(['', 'm', '-1', '1x', '1e3', '0.1', '1.5b', '64ib', '1,5g', '0x10', '12 apples', '99999999999t', 'NaN', 'none'])(
  '%j is no size',
  (text) => {
    expect(parseSize(text)).toBeNull();
    expect(readSize(text, MIB)).toEqual({ wrong: SIZE_WANTED });
  },
);

test.each([
  ['64', '64 bytes is less than 1 MiB; a unit is missing: 64m is 64 MiB'],
  [' 1500 ', '1500 bytes is less than 1 MiB; a unit is missing: 1500m is 1.46 GiB'],
  ['1', '1 byte is less than 1 MiB; a unit is missing: 1m is 1 MiB'],
  ['524288', '524288 bytes is less than 1 MiB; a unit is missing: 524288k is 512 MiB'],
])('a unit is missing from a size of memory: %j', (text, wrong) => expect(readSize(text, MIB)).toEqual({ wrong }));

test.each([
  ['0', 0],
  ['64k', 65_536],
  ['64b', 64],
  ['1048576', MIB],
])('no unit is missing from %s', (text, value) => expect(readSize(text, MIB)).toBe(value));

describe('a size in figures', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.98 KiB'],
    [1536, '1.50 KiB'],
    [MIB, '1.00 MiB'],
    [64 * MIB, '64.0 MiB'],
    [256 * MIB, '256 MiB'],
    [1_059_061_760, '0.99 GiB'],
    [12.44 * 2 ** 30, '12.4 GiB'],
    [2 ** 63, '8192 PiB'],
    [NaN, '–'],
    [Infinity, '–'],
  ])('%d is %s', (value, text) => expect(inWords(bytes(value))).toBe(text));

  test('never takes more than four characters', () => {
    for (let value = 1; value < 1e15; value = value * 1.07 + 1) expect(bytes(value).figure.length).toBeLessThanOrEqual(4);
  });

  test('in a second, in a sentence, and over time', () => {
    expect([1536, NaN].map((value) => inWords(bytesPerSecond(value)))).toEqual(['1.50 KiB/s', '–']);
    expect([64 * MIB, 1.5 * 2 ** 30, 100 * MIB, 0].map(sizeInWords)).toEqual(['64 MiB', '1.5 GiB', '100 MiB', '0 B']);
    const hour = 2 ** 30 * 3_600_000;
    expect([0, hour / 1e6, hour * 1.5].map((value) => inWords(gibHours(value)))).toEqual([
      '0.000 GiB h',
      '<0.001 GiB h',
      '1.500 GiB h',
    ]);
  });
});

test.each([
  [0, '0'],
  [1, '1'],
  [64 * MIB, '64m'],
  [1536 * MIB, '1536m'],
  [2 ** 30, '1g'],
  [2 ** 52, '4p'],
  [1_000_000, '1000000'],
  [107_374_182, '107374182'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
])('%d bytes are typed as %s', (value, text) => {
  expect(sizeText(value)).toBe(text);
  expect(parseSize(text)).toBe(value);
});

test('what is shown can be typed', () => {
  for (let value = 1; value < 2 ** 52; value = Math.ceil(value * 1.37)) {
    const shown = parseSize(inWords(bytes(value))) ?? NaN;
    expect(Math.abs(shown - value) / value, inWords(bytes(value))).toBeLessThan(0.006);
  }
});
