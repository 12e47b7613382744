import { expect, test } from 'vitest';
import { toCsv } from './csv.ts';

test('cells are quoted where they must be, and none is a formula', () => {
  const rows = [
    ['a', 'b,c', 'say "x"'],
    ['=1+1', '-5', '-x', ' @sum', 'two\nlines'],
  ];
  expect(toCsv(rows)).toBe(`a,"b,c","say ""x"""\r\n'=1+1,'-5,'-x,' @sum,"two\nlines"\r\n`);
});
