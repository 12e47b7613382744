import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFifo, moveBetweenPipes } from '@plimsoll/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StdinStaging } from './stdin-staging.ts';
import { StreamCounts, type Counts } from './stream-counts.ts';

const ID = '0123456789abcdef';

let directory: string;
let path: string;
let all: StreamCounts;
let counts: Counts;
/** The keeper's descriptor of the staging FIFO, which survives a kill; the container's FIFO, and its reading end. */
let kept: number;
let fifo: number;
let reader: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'staging-'));
  path = join(directory, 'staging');
  for (const one of [path, join(directory, 'stdin')]) makeFifo(one);
  all = new StreamCounts(join(directory, 'stream-counts'));
  counts = all.begin(ID, 1);
  kept = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  reader = openSync(join(directory, 'stdin'), constants.O_RDONLY | constants.O_NONBLOCK);
  fifo = openSync(join(directory, 'stdin'), constants.O_WRONLY | constants.O_NONBLOCK);
});
afterEach(() => {
  for (const fd of [kept, fifo, reader]) if (fd >= 0) closeSync(fd);
  all[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const staging = () => new StdinStaging({ path, counts, kept: { holdFifo: () => 1n, releaseNow: () => {} } });

/** What the container has read. */
function read(): string {
  const bytes = Buffer.alloc(1024);
  return bytes.toString('latin1', 0, readSync(reader, bytes));
}

/** As the next supervisor finds it. */
function next(): StdinStaging {
  all[Symbol.dispose]();
  all = new StreamCounts(join(directory, 'stream-counts'));
  counts = all.of(ID, 1) ?? expect.unreachable();
  return staging();
}

test('what is written arrives, and both counts say so', () => {
  using own = staging();
  expect(own.write(Buffer.from('hello'))).toBe(5);
  expect([counts.staged, counts.stdin, own.isEmpty]).toEqual([5, 0, false]);
  expect(own.moveTo(fifo)).toBe('moved');
  expect([counts.staged, counts.stdin, own.isEmpty]).toEqual([5, 5, true]);
  expect(read()).toBe('hello');
});

test('a full FIFO takes nothing, and one without a reader is closed', () => {
  using own = staging();
  const most = Buffer.alloc(64 * 1024);
  expect(own.write(most)).toBe(most.length);
  expect(own.write(most)).toBe(0);
  expect(own.moveTo(fifo)).toBe('moved');
  own.write(Buffer.from('more'));
  expect(own.moveTo(fifo)).toBe('full');
  closeSync(reader);
  reader = -1;
  expect(own.moveTo(fifo)).toBe('closed');
});

test('a write that was not counted any more is counted by the next process, and goes on its way', () => {
  {
    using own = staging();
    own.write(Buffer.from('counted'));
    writeSync(kept, ' and not');
  }
  using found = next();
  expect([counts.staged, counts.stdin]).toEqual([15, 0]);
  expect(found.moveTo(fifo)).toBe('moved');
  expect(read()).toBe('counted and not');
});

test('bytes that were moved and not counted are not moved twice', () => {
  {
    using own = staging();
    own.write(Buffer.from('moved, left'));
    expect(moveBetweenPipes(kept, fifo, 5)).toBe(5);
  }
  using found = next();
  expect([counts.staged, counts.stdin]).toEqual([11, 5]);
  expect(found.moveTo(fifo)).toBe('moved');
  expect(read()).toBe('moved, left');
});
