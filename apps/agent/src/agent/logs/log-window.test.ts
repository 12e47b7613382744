import type { LogLine } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { lastOf, within } from './log-window.ts';

const at = (ms: number, text: string, partial = false): LogLine => ({
  at: new Date(ms).toISOString().replace('Z', '000001Z'),
  stream: 'stdout',
  text,
  partial,
});

async function* batches(...all: LogLine[][]) {
  for (const batch of all) yield await Promise.resolve(batch);
}

async function texts(lines: AsyncGenerator<LogLine[]>): Promise<string[]> {
  const all: LogLine[] = [];
  for await (const batch of lines) all.push(...batch);
  return all.map(({ text }) => text);
}

test('lines of a time, both ends with it', async () => {
  const all = () => batches([at(1000, 'a'), at(2000, 'b')], [at(3000, 'c')], [at(4000, 'd')]);
  expect(await texts(within(all(), {}))).toEqual(['a', 'b', 'c', 'd']);
  expect(await texts(within(all(), { since: 2000 }))).toEqual(['b', 'c', 'd']);
  expect(await texts(within(all(), { since: 2001 }))).toEqual(['c', 'd']);
  expect(await texts(within(all(), { until: 3000 }))).toEqual(['a', 'b', 'c']);
  expect(await texts(within(all(), { since: 1500, until: 2999 }))).toEqual(['b']);
});

test('the last of many, where a line in parts is one', async () => {
  const many = Array.from({ length: 30 }, (_, i) => Array.from({ length: 1000 }, (__, j) => at(i, `${i} ${j}`)));
  expect(await texts(lastOf(batches(...many), 2))).toEqual(['29 998', '29 999']);
  const parts = [at(1, 'a'), at(1, 'b', true), at(1, 'c'), at(1, 'd', true)];
  expect(await texts(lastOf(batches(parts), 0))).toEqual([]);
  expect(await texts(lastOf(batches(parts), 1))).toEqual(['d']);
  expect(await texts(lastOf(batches(parts), 2))).toEqual(['b', 'c', 'd']);
  expect(await texts(lastOf(batches(parts), 9))).toEqual(['a', 'b', 'c', 'd']);
  expect(await texts(lastOf(batches(), 9))).toEqual([]);
});
