import { expect, test } from 'vitest';
import { bearerToken, isSameOrigin } from './gatekeeper.ts';

test.each([
  [undefined, 'localhost:3000', true],
  ['http://localhost:3000', 'localhost:3000', true],
  ['http://LOCALHOST:3000', 'Localhost:3000', true],
  ['https://example.org', 'example.org', true],
  ['http://localhost:3001', 'localhost:3000', false],
  ['http://localhost:3000.evil.example', 'localhost:3000', false],
  ['http://evil.example', 'localhost:3000', false],
  ['null', 'localhost:3000', false],
  ['', 'localhost:3000', false],
  ['http://localhost:3000', undefined, false],
])('a page of %s that asks %s: %s', (origin, host, expected) => {
  expect(isSameOrigin(origin, host)).toBe(expected);
});

test.each([
  ['Bearer abc_-1', 'abc_-1'],
  ['bearer abc=', 'abc='],
  ['Basic abc', undefined],
  ['Bearer', undefined],
  ['Bearer a b', undefined],
  [undefined, undefined],
])('the token of %j', (header, token) => {
  expect(bearerToken(header)).toBe(token);
});
