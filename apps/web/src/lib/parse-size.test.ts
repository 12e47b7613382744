import { expect, it } from 'vitest';
import { parseSize, sizeText } from './parse-size.ts';

it.each([
  ['1048576', 1_048_576],
  ['256m', 268_435_456],
  [' 256 MiB ', 268_435_456],
  ['1.5g', 1_610_612_736],
  ['512kb', 524_288],
  ['10B', 10],
])('%s is %d bytes', (text, value) => expect(parseSize(text)).toBe(value));

it.each(['', 'm', '-1', '1e3', '12 apples', '1,5g', '0x10'])('%s is no size', (text) => expect(parseSize(text)).toBeNull());

it.each([
  [0, '0'],
  [64 * 1024 ** 2, '64m'],
  [1536 * 1024 ** 2, '1536m'],
  [1024 ** 3, '1g'],
  [1_000_000, '1000000'],
])('writes %i bytes as %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
  expect(parseSize(text)).toBe(bytes);
});
