import { expect, test } from 'vitest';
import { fitEndTo, fitTo, padTo, widthOf } from './display-width.ts';

test.each([
  ['', 0],
  ['plain text', 10],
  ['Grüße', 5],
  ['Gru\u0308ße', 5],
  ['日本', 4],
  ['ﾆﾎﾝ', 3],
  ['한국', 4],
  ['👋 a', 4],
  ['👨‍👩‍👧', 2],
  ['\u200b', 0],
  ['…—', 2],
])('"%s" takes %i cells', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 5, 'abcd…'],
  ['abcdef', 1, '…'],
  ['日本語', 6, '日本語'],
  ['日本語', 5, '日本…'],
  ['日本語', 4, '日…'],
  ['éé\u0301é', 3, 'éé\u0301é'],
  ['éé\u0301é', 2, 'é…'],
])('"%s" in %i cells', (text, width, fitting) => {
  expect(fitTo(text, width)).toBe(fitting);
  expect(widthOf(fitTo(text, width))).toBeLessThanOrEqual(width);
});

test.each([
  ['customers/acme-inc/web', 22, 'customers/acme-inc/web'],
  ['customers/acme-inc/web', 19, '…omers/acme-inc/web'],
  ['customers/acme-inc/web', 1, '…'],
  ['日本語', 6, '日本語'],
  ['日本語', 5, '…本語'],
  ['日本語', 4, '…語'],
])('the end of "%s" in %i cells', (text, width, fitting) => {
  expect(fitEndTo(text, width)).toBe(fitting);
  expect(widthOf(fitEndTo(text, width))).toBeLessThanOrEqual(width);
});

test('padding counts cells', () => {
  expect(padTo('日本', 6)).toBe('日本  ');
  expect(padTo('abc', 2)).toBe('abc');
});
