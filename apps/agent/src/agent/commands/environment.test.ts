import { expect, test } from 'vitest';
import { mergeEnvironment } from './environment.ts';
import { generateName } from './generated-name.ts';
import { ContainerName, Hostname } from '@plimsoll/protocol';

test("a person's variables replace the image's", () => {
  expect(mergeEnvironment(['PATH=/bin', 'A=b=c'], { A: '', NEW: 'x' })).toEqual(['PATH=/bin', 'A=', 'NEW=x']);
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
