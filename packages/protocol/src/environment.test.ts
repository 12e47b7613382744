import { describe, expect, test } from 'vitest';
import { CreateContainer } from './container.ts';
import { errorInWords, parseRequest, PlimsollError } from './errors.ts';

const parsed = (json: string) => parseRequest(CreateContainer, JSON.parse(json), 'request');

function refusalOf(request: object): string {
  try {
    parseRequest(CreateContainer, request, 'request');
  } catch (error) {
    if (error instanceof PlimsollError) return errorInWords(error);
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a variable of a new container', () => {
  test('has a name as the kernel and docker take it', () => {
    const names = [
      'discovery.type',
      'my-var',
      '1x',
      'A B',
      ' ',
      'é',
      '\n',
      '%',
      '"',
      '__proto__',
      'constructor',
      'x'.repeat(4096),
    ];
    const env = Object.fromEntries(names.map((name) => [name, name]));
    const taken = Object.entries(parsed(JSON.stringify({ env })).env);
    expect(taken).toHaveLength(names.length);
    expect(taken).toEqual(expect.arrayContaining(Object.entries(env)));
  });

  test.each<[string, object, RegExp]>([
    ['no name', { '': 'x' }, /^env\.: a variable's name has one character or more, of any kind but "=" and NUL$/],
    ['a name with =', { 'a=b': 'x' }, /^env\.a=b: a variable's name has/],
    ['a name with NUL', { 'a\0b': 'x' }, /^env\.a\0b: a variable's name has/],
    ['a long name', { ['é'.repeat(2049)]: 'x' }, /a variable's name has at most 4096 bytes$/],
    ['a long value', { A: 'é'.repeat(65_535) }, /^env\.A: the kernel takes at most 131071 bytes/],
    ['a value with NUL', { A: 'a\0' }, /^env\.A: contains a NUL character$/],
    ['half a character in its name', { '\ud800': 'x' }, /contains half of a surrogate pair/],
    ['half a character in its value', { A: '\udc00' }, /^env\.A: contains half of a surrogate pair/],
    ['a number', { A: 1 }, /^env: expected an object with a text for each variable$/],
    ['a list', ['A=1'], /^env: expected an object/],
  ])('is refused with %s', (_, env, message) => {
    expect(refusalOf({ env })).toMatch(message);
  });

  test('is one of as many as a message has room for, and not more', () => {
    const env = Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [`${i}`, '']));
    expect(refusalOf({ env })).toBe('env: at most 100000 variables');
  });
});

describe('arguments of a new container', () => {
  test('are as many as a message has room for', () => {
    const command = Array.from({ length: 100_000 }, () => 'x');
    expect(parsed(JSON.stringify({ command })).command).toHaveLength(100_000);
    expect(refusalOf({ command: [...command, 'x'] })).toBe('command: at most 100000 arguments');
  });

  test.each<[string, string, RegExp]>([
    ['NUL', 'a\0b', /^command\.1: contains a NUL character$/],
    ['more bytes than the kernel takes', 'é'.repeat(65_536), /^command\.1: the kernel takes at most 131071 bytes/],
    ['half a character', 'a\ud800', /^command\.1: contains half of a surrogate pair, which is no text in UTF-8$/],
  ])('are refused with %s', (_, word, message) => {
    expect(refusalOf({ command: ['echo', word] })).toMatch(message);
  });
});
