import { expect, test } from 'vitest';
import { csv } from './csv.ts';

test('cells are quoted where they must be, and none is a formula', () => {
  expect(
    csv([
      ['a', 'b,c', 'say "x"'],
      ['=1+1', '-5', '-x', '@sum', 'two\nlines'],
    ]),
  ).toBe(`a,"b,c","say ""x"""\r\n'=1+1,-5,'-x,'@sum,"two\nlines"`);
});
