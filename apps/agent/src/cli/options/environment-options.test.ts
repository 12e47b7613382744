import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseEnvironment, parseFile } from './environment-options.ts';
import { OptionError } from '../verb.ts';

const HERE = {
  environment: { SET: 'from here', EMPTY: '', LATIN: 'caf\uFFFD', ODD: 'typed \uFFFD' },
  ownBytes: () => Buffer.from('SET=from here\0LATIN=caf\xe9\0ODD=typed \xef\xbf\xbd\0', 'latin1'),
};

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
  expect(() => parseEnvironment({ env: [], 'env-file': [one] }, HERE)).toThrow('it cannot be read: ENOENT');
});

test('a value that is not UTF-8 is refused, since it would be another one in the container', () => {
  expect(parseEnvironment({ env: ['ODD'], 'env-file': [] }, HERE)).toEqual({ ODD: 'typed \uFFFD' });
  expect(() => parseEnvironment({ env: ['LATIN'], 'env-file': [] }, HERE)).toThrow('--env "LATIN": its value here is not UTF-8');
  expect(() => parseFile('A=1\nLATIN', 'f', HERE)).toThrow('--env-file "LATIN": its value here is not UTF-8');
});

test('a file that is not UTF-8 is refused, with its line', () => {
  const directory = mkdtempSync(join(tmpdir(), 'plim-'));
  const path = join(directory, 'latin');
  for (const [text, line] of [
    ['A=caf\xe9', 1],
    ['A=1\nB=2\nC=\xe9\nD=\xe9\n', 3],
    ['A=1\n\xc3\n\xa9=1', 2],
  ] as const) {
    writeFileSync(path, text, 'latin1');
    expect(() => parseEnvironment({ env: [], 'env-file': [path] }, HERE)).toThrow(
      `--env-file "${path}": line ${line} is not UTF-8`,
    );
  }
  writeFileSync(path, 'é=ü\n');
  expect(parseEnvironment({ env: [], 'env-file': [path] }, HERE)).toEqual({ é: 'ü' });
  rmSync(directory, { recursive: true });
});

test('names of any characters are names, as objects have them too', () => {
  const names = ['discovery.type', 'my-var', '1x', 'A B', 'é', '__proto__', 'constructor', ' '];
  const typed = parseEnvironment({ env: names.map((name) => `${name}=1`), 'env-file': [] }, HERE);
  expect(Object.entries(typed)).toEqual(expect.arrayContaining(names.map((name) => [name, '1'])));
});
