import { expect, test } from 'vitest';
import { safe } from './terminal.ts';

test('what would steer a terminal becomes visible', () => {
  expect(safe('\x1b[31mred\x07\r\n\x9b2J')).toBe('\\x1b[31mred\\x07\\x0d\\x0a\\x9b2J');
  expect(safe('abc\u202edef')).toBe('abc\\u202edef');
});

test('text stays text', () => {
  expect(safe('Grüße\t日本 👋')).toBe('Grüße\t日本 👋');
});
