import { expect, test } from 'vitest';
import { safe, table } from './terminal.ts';

test('what would steer a terminal becomes visible', () => {
  expect(safe('\x1b[31mred\x07\r\n\x9b2J')).toBe('\\x1b[31mred\\x07\\x0d\\x0a\\x9b2J');
  expect(safe('abc\u202edef')).toBe('abc\\u202edef');
});

test('text stays text', () => {
  expect(safe('Grüße\t日本 👋')).toBe('Grüße\t日本 👋');
});

test('columns line up, and a line ends where the terminal does', () => {
  expect(
    table(
      ['A', 'LONG'],
      [
        ['1', 'x'],
        ['22', 'y'.repeat(20)],
      ],
      10,
    ),
  ).toBe('A    LONG\n1    x\n22   yyyy…');
});
