import { expect, test } from 'vitest';
import { mergeEnvironment } from './environment.ts';
import { generateName } from './generated-name.ts';
import { ContainerName, Hostname } from '@plimsoll/protocol';

test("a person's variables replace the image's", () => {
  expect(mergeEnvironment({}, ['PATH=/bin', 'A=b=c'], { A: '', NEW: 'x' })).toEqual(['PATH=/bin', 'A=', 'NEW=x']);
});

test('what every container has gives way to the image’s, and both to a person’s, also to an empty one', () => {
  const everyones = { HOME: '/root', HOSTNAME: 'box', NONE: undefined };
  expect(mergeEnvironment(everyones, [], {})).toEqual(['HOME=/root', 'HOSTNAME=box']);
  expect(mergeEnvironment(everyones, ['HOME=/image'], {})).toEqual(['HOME=/image', 'HOSTNAME=box']);
  expect(mergeEnvironment(everyones, ['HOME=/image'], { HOME: '', HOSTNAME: 'x' })).toEqual(['HOME=', 'HOSTNAME=x']);
});

test('a name that objects have of themselves is a name as any other', () => {
  const own = Object.fromEntries(['__proto__', 'constructor', 'toString'].map((name) => [name, 'x']));
  expect(mergeEnvironment({}, [], own)).toEqual(['__proto__=x', 'constructor=x', 'toString=x']);
});

test('a made-up name is a valid name and host name, also when many are taken', () => {
  const taken = new Set<string>();
  for (let i = 0; i < 10_000; i++) {
    const name = generateName((given) => taken.has(given));
    expect(taken.has(name)).toBe(false);
    taken.add(name);
    ContainerName.parse(name);
    Hostname.parse(name);
  }
});
