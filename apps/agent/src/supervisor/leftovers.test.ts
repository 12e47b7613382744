import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IDS_IN_A_RANGE } from '@plimsoll/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clearLeftovers } from './leftovers.ts';
import { rangeOfFiles } from './moved-aside.ts';
import type { Leftover } from './store.ts';

const FIRST = 20_000 * IDS_IN_A_RANGE;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plim-leftovers-'));
  writeFileSync(join(directory, 'container.json'), '');
});
afterEach(() => rmSync(directory, { recursive: true }));

it.each([
  ['its layer', 'upper', FIRST],
  ['a directory of the layer that a deletion has left', '.deleted-1234-1', FIRST + 1000],
])('the range of ids of a container is known by %s', (_what, name, owner) => {
  mkdirSync(join(directory, name));
  chownSync(join(directory, name), owner, owner);
  expect(rangeOfFiles(directory)).toBe(FIRST);
});

it('there is none where all that is left is of the host', () => {
  mkdirSync(join(directory, 'upper'));
  chownSync(join(directory, 'upper'), 1000, 1000);
  expect(rangeOfFiles(directory)).toBeNull();
  expect(rangeOfFiles(join(directory, 'nowhere'))).toBeNull();
});

it.each([true, false])('a range is free again when all leftovers of it are gone: %s', async (isGone) => {
  const [one, two] = [Promise.withResolvers<boolean>(), Promise.withResolvers<boolean>()];
  const leftovers: Leftover[] = [one, two].map(({ promise }) => ({ firstId: FIRST, gone: promise }));
  const claimed: number[] = [];
  const released: number[] = [];
  const settled = Promise.withResolvers<void>();
  let clears = 0;
  const host = {
    store: { clear: () => leftovers },
    ranges: { claim: (first: number) => claimed.push(first) },
    layers: { clearUnused: () => void (++clears === 2 && settled.resolve()) },
  };
  clearLeftovers(host as unknown as Parameters<typeof clearLeftovers>[0], new Set(), (first) => void released.push(first));
  expect(claimed).toEqual([FIRST]);
  one.resolve(true);
  for (let i = 0; i < 10; i++) await Promise.resolve();
  expect(released).toEqual([]);
  two.resolve(isGone);
  await settled.promise;
  for (let i = 0; i < 10; i++) await Promise.resolve();
  expect(released).toEqual(isGone ? [FIRST] : []);
});
