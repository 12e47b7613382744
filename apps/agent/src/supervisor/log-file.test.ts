import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { countOutputSync } from '../logs/count-output.ts';
import { LogFile } from './log-file.ts';
import type { GapRecord } from './log-gap.ts';

const noGap: GapRecord = { get: () => null, set: () => {}, onRetry: () => ({ [Symbol.dispose]: () => {} }) };
const MEBIBYTE = 1024 * 1024;
const ENTRY = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (?<stream>stdout|stderr) (?<tag>[FP]) (?<text>[^]*)$/;

function outputBytesIn(file: string): number {
  const fd = openSync(file, 'r');
  try {
    return countOutputSync(fd);
  } finally {
    closeSync(fd);
  }
}

let path = '';
beforeEach(() => (path = join(mkdtempSync(join(tmpdir(), 'plim-log-')), 'log')));
afterEach(() => rmSync(join(path, '..'), { recursive: true }));

function entries(): string[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const { stream, tag, text } = ENTRY.exec(line)?.groups ?? {};
    return `${stream} ${tag} ${text}`;
  });
}

test('nothing is made until something is written', () => {
  new LogFile(path, noGap)[Symbol.dispose]();
  expect(existsSync(path)).toBe(false);
});

test('whole lines, parts of lines and empty lines', () => {
  using log = new LogFile(path, noGap);
  log.append('stdout', Buffer.from('one\n\ntwo\nthr'));
  log.append('stderr', Buffer.from('other\n'));
  log.append('stdout', Buffer.from('ee\n'));
  expect(entries()).toEqual(['stdout F one', 'stdout F ', 'stdout F two', 'stdout P thr', 'stderr F other', 'stdout F ee']);
});

test('bytes that are not UTF-8 are kept', () => {
  const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28, 10]);
  {
    using log = new LogFile(path, noGap);
    log.append('stdout', bytes);
  }
  const content = readFileSync(path);
  expect(content.subarray(-bytes.length)).toEqual(bytes);
});

test('goes on behind what is there, and others cannot read it', () => {
  for (const text of ['before\n', 'after\n']) {
    using log = new LogFile(path, noGap);
    log.append('stdout', Buffer.from(text));
  }
  expect(entries()).toEqual(['stdout F before', 'stdout F after']);
  expect(statSync(path).mode & 0o007).toBe(0);
});

test('takes at most twice the size that it is rotated at, and loses only the oldest', () => {
  const size = 4 * MEBIBYTE;
  const first = (n: number) => Buffer.from(`${String(n).padEnd(size - 1, '.')}\n`);
  {
    using log = new LogFile(path, noGap);
    for (let n = 0; n < 8; n++) log.append('stdout', first(n));
  }
  const numbers = (file: string) =>
    readFileSync(file, 'latin1')
      .split('\n')
      .filter((line) => line !== '' && !line.includes(' P:from='))
      .map((line) => Number.parseInt(line.split(' ')[3] ?? '', 10));
  expect([...numbers(`${path}.1`), ...numbers(path)]).toEqual([2, 3, 4, 5, 6, 7].slice(-numbers(path).length - 3));
  for (const file of [path, `${path}.1`]) expect(statSync(file).size).toBeLessThanOrEqual(16 * MEBIBYTE);
  {
    // What was there before counts.
    using log = new LogFile(path, noGap);
    for (let n = 8; n < 12; n++) log.append('stdout', first(n));
  }
  for (const file of [path, `${path}.1`]) expect(statSync(file).size).toBeLessThanOrEqual(16 * MEBIBYTE);
  expect(numbers(path).at(-1)).toBe(11);
});

test('an entry that a kill left unfinished is cut off, and the next one is whole', () => {
  writeFileSync(path, '2026-01-31T23:59:59.123456000Z stdout F whole\n2026-01-31T23:59:59.123456000Z stdout F hel');
  using log = new LogFile(path, noGap);
  log.append('stdout', Buffer.from('next\n'));
  expect(entries()).toEqual(['stdout F whole', 'stdout F next']);
});

test('a kill between a rotation and its mark costs no count: the next process writes the mark', () => {
  const block = Buffer.from(`${'.'.repeat(4 * MEBIBYTE - 1)}\n`);
  {
    using log = new LogFile(path, noGap);
    for (let n = 0; n < 3; n++) log.append('stdout', block);
  }
  renameSync(path, `${path}.1`);
  using log = new LogFile(path, noGap);
  log.append('stdout', Buffer.from('next\n'));
  expect(readFileSync(path, 'latin1').split('\n')[0]).toMatch(new RegExp(` stdout P:from=${3 * block.length} $`));
  expect(outputBytesIn(path)).toBe(3 * block.length + 'next\n'.length);
});

test('each file but the first says how many bytes of output are before it, also after one that another process began', () => {
  const size = 4 * MEBIBYTE;
  const block = Buffer.from(`${'.'.repeat(size - 1)}\n`);
  for (let process = 0; process < 3; process++) {
    using log = new LogFile(path, noGap);
    for (let n = 0; n < 3; n++) log.append(n === 1 ? 'stderr' : 'stdout', block);
    log.append('stdout', Buffer.from('part'));
  }
  const head = readFileSync(path).subarray(0, 100).toString('latin1');
  expect(head).toMatch(/^\S+ stdout P:from=\d{8} \n/);
  expect(outputBytesIn(path)).toBe(3 * (3 * size + 4));
});

test('entries have the time of the clock as it is, whenever it is set', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    using log = new LogFile(path, noGap);
    const times = ['2026-01-01T10:00:00.000Z', '2026-01-01T12:00:00.000Z', '2026-01-01T10:00:01.000Z'];
    for (const time of times) {
      vi.setSystemTime(new Date(time));
      log.append('stdout', Buffer.from('x\n'));
    }
    const seconds = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    expect(seconds.map((line) => line.slice(0, 19))).toEqual(times.map((time) => time.slice(0, 19)));
  } finally {
    vi.useRealTimers();
  }
});
