import { expect, it } from 'vitest';
import { limitsInShort } from './limits-in-short.ts';

it('says limits in a few words each', () => {
  expect(limitsInShort({})).toEqual([]);
  expect(
    limitsInShort({
      cpus: 1,
      memoryBytes: 512 * 1024 ** 2,
      swapBytes: 0,
      pids: 64,
      io: [{ device: '8:0', readBytesPerS: 10 * 1024 ** 2, writeOpsPerS: 50 }],
    }),
  ).toEqual(['1 cpu', '512 MiB', '64 pids', 'no swap', 'disk 8:0: read 10.0 MiB/s, 50 writes/s']);
});
