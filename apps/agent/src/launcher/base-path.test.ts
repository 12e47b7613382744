import { expect, it } from 'vitest';
import { basePath } from './base-path.ts';

it.each([
  ['', ''],
  ['/', ''],
  ['/plimsoll', '/plimsoll'],
  ['/plimsoll/', '/plimsoll'],
  ['/tools/plimsoll-1.0', '/tools/plimsoll-1.0'],
])('%j is %j', (text, expected) => expect(basePath(text)).toBe(expected));

it.each(['plimsoll', '//host', '/a//b', '/../etc', '/a/./b', '/a?b', '/a b', '/ä', 'https://host/a', '/a"b', '/a;b'])(
  '%j is refused',
  (text) => {
    expect(() => basePath(text)).toThrow(/PLIMSOLL_BASE_PATH/);
  },
);
