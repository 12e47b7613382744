import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from '../../apps/agent/src/supervisor/log-file.ts';
import { LogGaps } from '../../apps/agent/src/supervisor/log-gaps.ts';
import { FillableDisk } from '../support/fillable-disk.ts';
import { until } from '../support/until.ts';

const KIBIBYTE = 1024;
const ID = 'a'.repeat(16);

let disk: FillableDisk;
beforeEach(() => void (disk = new FillableDisk('tmpfs', 512 * KIBIBYTE)));
afterEach(() => disk[Symbol.dispose]());

const path = (name: string): string => join(disk.directory, name);
const open = (): LogGaps => new LogGaps(path('gaps'), () => path('log'));
/** Stream, tag and text of each entry, times as `…`. */
const entries = (): string[] =>
  readFileSync(path('log'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.slice(31).replace(/from \S+ to \S+:/, 'from … to …:'));

test('a disk without room loses whole lines, which the log counts when there is room', async () => {
  using gaps = open();
  using log = new LogFile(path('log'), gaps.of(ID));
  log.append('stdout', Buffer.from('before\nunfin'));
  disk.fill();
  log.append('stdout', Buffer.from(`ished\n${'x'.repeat(8 * KIBIBYTE)}\nlost\n`));
  log.append('stderr', Buffer.from('é\n'));
  disk.free();
  await until('the gap is in the log', () => gaps.of(ID).get() === null);
  log.append('stdout', Buffer.from('after\n'));
  const found = entries();
  expect(found.slice(0, 3)).toEqual(['stdout F before', 'stdout P unfin', 'stdout F ished']);
  expect(found.slice(-2)).toEqual([
    `stderr F:gap 3 lines (${8 * KIBIBYTE + 1 + 5 + 3} bytes) were not recorded from … to …: the disk was full`,
    'stdout F after',
  ]);
});

test('of a write that the disk takes in part, whole entries stay and the others are counted', async () => {
  using gaps = open();
  using log = new LogFile(path('log'), gaps.of(ID));
  disk.fill(10 * KIBIBYTE);
  const line = `${'y'.repeat(99)}\n`;
  log.append('stdout', Buffer.from(line.repeat(500)));
  const { lines, bytes } = gaps.of(ID).get()!;
  expect(bytes).toBe(lines * 100);
  expect(entries()).toEqual(Array.from({ length: 500 - lines }, () => `stdout F ${line.trimEnd()}`));
  expect(lines).toBeLessThan(500);
});

test('counts survive a kill of the process, and are written though the container has ended', async () => {
  {
    using gaps = open();
    const log = new LogFile(path('log'), gaps.of(ID));
    log.append('stdout', Buffer.from('before\n'));
    disk.fill();
    log.append('stdout', Buffer.from(`${'z'.repeat(8 * KIBIBYTE)}\n`));
    // Neither is disposed of the log: a kill would not, either.
  }
  using gaps = open();
  expect(gaps.of(ID).get()).toMatchObject({ lines: 1, bytes: 8 * KIBIBYTE + 1, why: 'full' });
  disk.free();
  await until('the gap is in the log', () => gaps.of(ID).get() === null);
  expect(entries()).toEqual([
    'stdout F before',
    `stderr F:gap 1 line (${8 * KIBIBYTE + 1} bytes) was not recorded from … to …: the disk was full`,
  ]);
  expect(readFileSync(path('gaps')).every((byte) => byte === 0)).toBe(true);
});
