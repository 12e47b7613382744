import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('each has a turn in every round, and as many at each tick', () => {
  const turns = new Turns<number>(10_000);
  for (let i = 0; i < 25; i++) turns.join(i);
  expect(turns.take(0)).toHaveLength(25);
  const ticks = Array.from({ length: 10 }, (_, i) => turns.take((i + 1) * 1000));
  expect(new Set(ticks.map(({ length }) => length))).toEqual(new Set([2, 3]));
  expect(ticks.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => i));
});

test("a newcomer's comes at once, and who has left has none", () => {
  const turns = new Turns<string>(10_000);
  turns.join('a');
  expect(turns.take(0)).toEqual(['a']);
  turns.join('b');
  expect(turns.take(100)).toEqual(['b']);
  turns.leave('a');
  turns.leave('b');
  expect(turns.take(100_000)).toEqual([]);
});

test('a tick that is longer than a round takes each once', () => {
  const turns = new Turns<string>(10_000);
  turns.join('a');
  turns.take(0);
  expect(turns.take(60_000)).toEqual(['a']);
});
