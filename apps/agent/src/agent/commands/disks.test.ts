import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { resolveDisks } from './disks.ts';

const disk = readdirSync('/sys/block').map((name) => readFileSync(`/sys/block/${name}/dev`, 'latin1').trim())[0] ?? '';

test.each([
  { writeBytesPerS: 1024 },
  { writeBytesPerS: 1_048_575, readBytesPerS: 1_048_576 },
  { readBytesPerS: 1 },
  { readOpsPerS: 19 },
  { writeOpsPerS: 1 },
])('%j is for root: the journal of a file system would wait for it', (rates) => {
  const limits = { io: [{ device: disk, ...rates }] };
  expect(() => resolveDisks(limits, { who: 'user' })).toThrow(expect.objectContaining({ code: 'forbidden' }));
  expect(resolveDisks(limits, { who: 'local' })).toEqual(limits);
});

test('a session limits by any higher rate, and lifts limits', () => {
  const limits = { io: [{ device: disk, writeBytesPerS: 1_048_576, readOpsPerS: 20 }] };
  expect(resolveDisks(limits, { who: 'user' })).toEqual(limits);
  for (const io of [null, undefined]) expect(resolveDisks({ io }, { who: 'user' })).toEqual({ io });
});
