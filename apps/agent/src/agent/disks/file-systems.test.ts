import { statfsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fileSystemsOf, fillOf, shareOf } from './file-systems.ts';

test('directories are gathered by their file system, with its mount point; what is not there is left out', async () => {
  const found = await fileSystemsOf({ proc: '/proc/sys', lib: '/proc/self/fd', gone: '/no/such/directory', shm: '/dev/shm' });
  expect(found.map(({ path, type, holds }) => ({ path, type, holds }))).toEqual([
    { path: '/proc', type: 'proc', holds: ['proc', 'lib'] },
    { path: '/dev/shm', type: 'tmpfs', holds: ['shm'] },
  ]);
});

test('how full it is, is what df counts', async () => {
  const { blocks, bsize } = statfsSync('/dev/shm');
  const fill = await fillOf({ directory: '/dev/shm' });
  expect(fill.totalBytes).toBe(blocks * bsize);
  expect(shareOf(fill)).toBeGreaterThanOrEqual(0);
  expect(shareOf({ usedBytes: 90, totalBytes: 100, inodeShare: null })).toBe(0.9);
  expect(shareOf({ usedBytes: 10, totalBytes: 100, inodeShare: 0.95 })).toBe(0.95);
});
