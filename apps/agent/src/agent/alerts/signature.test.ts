import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { signature } from './signature.ts';

test('a signature is what openssl makes of the same', () => {
  const secret = 'a-secret-of-a-test';
  const body = '{"words":"memory „above“ its limit"}';
  const output = execFileSync('openssl', ['dgst', '-sha256', '-hmac', secret, '-r'], { input: `1700000000.${body}` });
  expect(signature(secret, 1_700_000_000, body)).toBe(`v1=${output.toString().split(' ', 1)[0]}`);
});

test('a signature is of this secret, this time and this body', () => {
  const all = [
    signature('first-secret', 1, 'body'),
    signature('other-secret', 1, 'body'),
    signature('first-secret', 2, 'body'),
    signature('first-secret', 1, 'other'),
  ];
  expect(new Set(all).size).toBe(4);
});
