import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseEnvironment, parseFile } from './environment-options.ts';
import { OptionError } from '../verb.ts';

const HERE = { SET: 'from here', EMPTY: '' };

test('a file of variables, as docker reads it', () => {
  const text = [
    '\uFEFF# a comment',
    '',
    '  INDENTED=1',
    'QUOTED="a b" # no comment',
    'SPACES= a  ',
    'EQUALS=a=b',
    'NOTHING=',
    'SET',
    'EMPTY',
    'NOT_SET\r',
    '  # another',
    'LAST=1',
  ].join('\n');
  expect(Object.fromEntries(parseFile(text, 'f', HERE))).toEqual({
    INDENTED: '1',
    QUOTED: '"a b" # no comment',
    SPACES: ' a  ',
    EQUALS: 'a=b',
    NOTHING: '',
    SET: 'from here',
    EMPTY: '',
    LAST: '1',
  });
});

test.each(['=x', 'A B=x', 'A B', 'export A=1'])('"%s" is no line of it', (line) => {
  expect(() => parseFile(`OK=1\n${line}`, 'f', HERE)).toThrow(OptionError);
  expect(() => parseFile(`OK=1\n${line}`, 'f', HERE)).toThrow('--env-file "f": line 2');
});

test('an option goes before a file, and a later one before an earlier one', () => {
  const directory = mkdtempSync(join(tmpdir(), 'plim-'));
  const [one, two] = ['one', 'two'].map((name) => join(directory, name)) as [string, string];
  writeFileSync(one, 'A=1\nB=1\nC=1\n');
  writeFileSync(two, 'B=2\nC=2\n');
  expect(parseEnvironment({ env: ['C=3', 'SET', 'NOT_SET'], 'env-file': [one, two] }, HERE)).toEqual({
    A: '1',
    B: '2',
    C: '3',
    SET: 'from here',
  });
  rmSync(directory, { recursive: true });
  expect(() => parseEnvironment({ env: [], 'env-file': [one] }, {})).toThrow('it cannot be read: ENOENT');
});
