import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StreamCounts } from './stream-counts.ts';

const ID = '0123456789abcdef';
const OTHER = 'fedcba9876543210';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'counts-'));
  path = join(directory, 'stream-counts');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('the next process finds them, and whether the standard input is closed', () => {
  {
    using counts = new StreamCounts(path);
    const own = counts.begin(ID, 3);
    own.add('stdout', 5_000_000_000);
    own.add('stdout', 1);
    own.add('stdin', 7);
    counts.begin(OTHER, 1).closeStdin(true);
  }
  using found = new StreamCounts(path);
  expect(found.of(ID, 3)).toMatchObject({ stdout: 5_000_000_001, stderr: 0, stdin: 7, isStdinClosed: false, isStdinCut: false });
  expect(found.of(OTHER, 1)).toMatchObject({ stdout: 0, isStdinClosed: true, isStdinCut: true });
  expect(found.ids.toSorted()).toEqual([ID, OTHER]);
});

test('those of another incarnation are none', () => {
  using counts = new StreamCounts(path);
  counts.begin(ID, 1).add('stderr', 9);
  counts.begin(ID, 2);
  expect(counts.of(ID, 1)).toBeUndefined();
  expect(counts.of(ID, 2)).toMatchObject({ stderr: 0 });
});

test('what a client has received is never counted less', () => {
  using counts = new StreamCounts(path);
  const own = counts.begin(ID, 1);
  own.add('stdout', 10);
  own.atLeast('stdout', 4);
  expect(own.stdout).toBe(10);
  own.atLeast('stdout', 12);
  expect(own.stdout).toBe(12);
});

test('slots are used again, also by the next process', () => {
  {
    using counts = new StreamCounts(path);
    for (let i = 0; i < 100; i++) {
      counts.begin(ID, 1);
      counts.release(ID);
    }
    counts.begin(OTHER, 1);
  }
  const { size } = statSync(path);
  using found = new StreamCounts(path);
  found.release(OTHER);
  found.begin(ID, 1);
  expect(statSync(path).size).toBe(size);
  expect(found.ids).toEqual([ID]);
});
