import { IDS_IN_A_RANGE } from '@plimsoll/core';
import { expect, test } from 'vitest';
import { DrawnIdRanges, parseSubordinateIds } from './id-ranges.ts';

const FIRST = 1_048_576_000;
const ALL = 12_000;

test('every range is given once, and again when it was released', () => {
  const ranges = new DrawnIdRanges([]);
  const given = new Set(Array.from({ length: ALL }, () => ranges.take()));
  expect(given.size).toBe(ALL);
  expect(Math.min(...given)).toBe(FIRST);
  expect(Math.max(...given)).toBe(FIRST + (ALL - 1) * IDS_IN_A_RANGE);
  expect(() => ranges.take()).toThrow('every range of user ids is taken');
  ranges.release(FIRST);
  expect(ranges.take()).toBe(FIRST);
});

test('what is claimed, or promised to somebody else on the host, is not given', () => {
  const kept = [FIRST, FIRST + 5 * IDS_IN_A_RANGE];
  // From the last id of the second range to the first of the fourth.
  const ranges = new DrawnIdRanges([
    { first: 100_000, count: 65_536 },
    { first: FIRST + 2 * IDS_IN_A_RANGE - 1, count: IDS_IN_A_RANGE + 2 },
  ]);
  for (const first of kept) ranges.claim(first);
  const given = new Set(Array.from({ length: ALL - 5 }, () => ranges.take()));
  expect(() => ranges.take()).toThrow('taken');
  for (const i of [0, 1, 2, 3, 5]) expect(given.has(FIRST + i * IDS_IN_A_RANGE)).toBe(false);
});

test('/etc/subuid is read, and what is not a row of it passed over', () => {
  expect(parseSubordinateIds('ada:100000:65536\n# note\n\n1000:165536:10\nbroken:x:y\n')).toEqual([
    { first: 100_000, count: 65_536 },
    { first: 165_536, count: 10 },
  ]);
});
