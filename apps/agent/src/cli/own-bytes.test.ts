import { expect, test } from 'vitest';
import { isUnaltered, requireUtf8Words, type OwnBytes } from './own-bytes.ts';

const reading = (latin1: string): OwnBytes => {
  return () => Buffer.from(latin1, 'latin1');
};
const unread: OwnBytes = () => {
  throw new Error('nothing needs this');
};

test('words that Node has read whole are looked at no further', () => {
  expect(() => requireUtf8Words(['run', 'café', ''], unread)).not.toThrow();
  expect(isUnaltered('A', 'café', unread)).toBe(true);
});

test('a word that is not UTF-8 is refused, in escapes', () => {
  const bytes = reading('/n\xf6de\0main.cjs\0run\0\0caf\xe9\n\0');
  expect(() => requireUtf8Words(['run', '', 'caf\uFFFD\n'], bytes)).toThrow('"caf\\xe9\\x0a" is not UTF-8');
});

test('the character that stands for what is not UTF-8 may be typed, and what is before the words does not count', () => {
  const bytes = reading('/n\xf6de\0run\0\xef\xbf\xbd\0');
  expect(() => requireUtf8Words(['run', '\uFFFD'], bytes)).not.toThrow();
});

test('of several variables of a name the first is the one that Node has', () => {
  expect(isUnaltered('A', '\uFFFD', reading('AB=\xe9\0A=\xe9\0A=x\0'))).toBe(false);
  expect(isUnaltered('A', '\uFFFD', reading('AB=\xe9\0A=\xef\xbf\xbd\0A=\xe9\0'))).toBe(true);
});
