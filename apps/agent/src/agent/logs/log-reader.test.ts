import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLine } from '@plimsoll/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readLog } from './log-reader.ts';

let directory: string;
let log: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plimsoll-log-'));
  log = join(directory, 'log');
});
afterEach(() => rm(directory, { recursive: true }));

const entry = (text: string, tag = 'F', stream = 'stdout'): string => `2026-11-23T22:50:01.123456789Z ${stream} ${tag} ${text}\n`;

/** A log that grows until `end` is called. */
function follow() {
  let grows = true;
  let notify = (): void => {};
  const abort = new AbortController();
  const lines = readLog({
    directory,
    tail: undefined,
    mayGrow: () => grows,
    onChange: (listener) => {
      notify = listener;
      return () => {};
    },
    signal: abort.signal,
  });
  const end = (): void => {
    grows = false;
    notify();
  };
  return { lines, abort, end, next: async () => texts(((await lines.next()).value as LogLine[] | undefined) ?? []) };
}

async function read(tail?: number): Promise<string[]> {
  const lines = readLog({
    directory,
    tail,
    mayGrow: () => false,
    onChange: () => () => {},
    signal: new AbortController().signal,
  });
  const all: LogLine[] = [];
  for await (const batch of lines) all.push(...batch);
  return texts(all);
}

const texts = (lines: LogLine[]): string[] => lines.map(({ text, partial }) => (partial ? `${text}…` : text));

test('a container that never wrote has no lines', async () => {
  expect(await read()).toEqual([]);
  expect(await read(5)).toEqual([]);
});

test('a line about output that could not be recorded is marked', async () => {
  const gap = '2 lines (9 bytes) were not recorded';
  await writeFile(log, entry('before') + entry(gap, 'F:gap', 'stderr') + entry('after') + entry('F:gap is no mark in a text'));
  const lines = readLog({
    directory,
    tail: 3,
    mayGrow: () => false,
    onChange: () => () => {},
    signal: new AbortController().signal,
  });
  const found: LogLine[] = [];
  for await (const batch of lines) found.push(...batch);
  expect(found.map((line) => [line.text, line.gap])).toEqual([
    [gap, true],
    ['after', undefined],
    ['F:gap is no mark in a text', undefined],
  ]);
});

test('text that is not UTF-8 comes with its bytes, and a byte-order mark stays', async () => {
  const latin = Buffer.from('2026-11-23T22:50:01.123456789Z stdout F caf\xe9\n', 'latin1');
  const cut = ['\ufeffcaf', 'é'].map((text) => Buffer.from(text));
  const head = (tag: string) => Buffer.from(`2026-11-23T22:50:01.123456789Z stdout ${tag} `);
  const [first, second] = [Buffer.concat([cut[0]!, cut[1]!.subarray(0, 1)]), cut[1]!.subarray(1)];
  await writeFile(log, Buffer.concat([latin, head('P'), first, Buffer.from('\n'), head('F'), second, Buffer.from('\n')]));
  const found: LogLine[] = [];
  const reading = {
    directory,
    tail: undefined,
    mayGrow: () => false,
    onChange: () => () => {},
    signal: new AbortController().signal,
  };
  for await (const batch of readLog(reading)) found.push(...batch);
  expect(found.map(({ text, bytes }) => [text, bytes])).toEqual([
    ['caf\ufffd', Buffer.from('caf\xe9', 'latin1').toString('base64')],
    ['\ufeffcaf', first.toString('base64')],
    ['é', second.toString('base64')],
  ]);
});

test('a part of a character that nothing completes does not alter the entry behind it', async () => {
  const head = (tag: string) => Buffer.from(`2026-11-23T22:50:01.123456789Z stdout ${tag} `);
  const parts = [
    Buffer.from('caf\xc3', 'latin1'),
    Buffer.from('abc'),
    Buffer.from('\xe2', 'latin1'),
    Buffer.alloc(0),
    Buffer.from('é'),
  ];
  const tags = ['P', 'F', 'P', 'F', 'F'];
  await writeFile(log, Buffer.concat(parts.flatMap((part, i) => [head(tags[i] ?? ''), part, Buffer.from('\n')])));
  const found: LogLine[] = [];
  const reading = {
    directory,
    tail: undefined,
    mayGrow: () => false,
    onChange: () => () => {},
    signal: new AbortController().signal,
  };
  for await (const batch of readLog(reading)) found.push(...batch);
  const bytes = found.map((line) => (line.bytes === undefined ? Buffer.from(line.text) : Buffer.from(line.bytes, 'base64')));
  expect(bytes).toEqual(parts);
  expect(found.at(-1)?.bytes).toBeUndefined();
});

test('a follower that falls behind learns how many bytes were overwritten', async () => {
  const mark = (from: number): string => entry('', `P:from=${from}`);
  await writeFile(log, entry('one'));
  const { next, end, lines } = follow();
  expect(await next()).toEqual(['one']);
  await appendFile(log, entry('two') + entry('three', 'P'));
  // Of 4 + 4 + 5 bytes; two files of 1000 and 500 bytes are gone.
  await rm(log);
  await writeFile(`${log}.1`, mark(1513) + entry('four'));
  await writeFile(log, mark(1518) + entry('five'));
  end();
  const found: LogLine[] = [];
  for await (const batch of lines) found.push(...batch);
  expect(found.map(({ text, lostBytes }) => lostBytes ?? text)).toEqual(['two', 'three', 1500, 'four', 'five']);
});

test('one that began in the middle learns it as well, and one that is only slow misses nothing', async () => {
  const mark = (from: number): string => entry('', `P:from=${from}`);
  await writeFile(log, mark(100) + entry('one') + entry('two'));
  let grows = true;
  const reading = { directory, tail: 1, mayGrow: () => grows, onChange: () => () => {}, signal: new AbortController().signal };
  const lines = readLog(reading);
  expect(texts((await lines.next()).value as LogLine[])).toEqual(['two']);
  await rename(log, `${log}.1`);
  await writeFile(log, mark(108) + entry('three'));
  expect(texts((await lines.next()).value as LogLine[])).toEqual(['three']);
  await rm(log);
  await writeFile(`${log}.1`, mark(1114) + entry('four'));
  await writeFile(log, mark(1119));
  grows = false;
  const found: LogLine[] = [];
  for await (const batch of lines) found.push(...batch);
  expect(found.map(({ text, lostBytes }) => lostBytes ?? text)).toEqual([1000, 'four']);
});

test('both files are read, the older first', async () => {
  await writeFile(`${log}.1`, entry('a') + entry('b'));
  await writeFile(log, entry('c', 'F', 'stderr'));
  expect(await read()).toEqual(['a', 'b', 'c']);
});

test.each([
  [0, []],
  [1, ['d']],
  [2, ['c', 'd']],
  [3, ['b…', 'c', 'd']],
  [4, ['a', 'b…', 'c', 'd']],
  [99, ['a', 'b…', 'c', 'd']],
])('the last %i lines, across the two files', async (tail, expected) => {
  await writeFile(`${log}.1`, entry('a') + entry('b', 'P'));
  await writeFile(log, entry('c') + entry('d'));
  expect(await read(tail)).toEqual(expected);
});

test('a tail is found across blocks, and counts an unfinished line', async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => entry(`line ${i} ${'x'.repeat(i % 97)}`));
  await writeFile(log, `${many.join('')}${entry('first half', 'P')}`);
  const lines = await read(5001);
  expect(lines.length).toBe(5001);
  expect(lines[0]).toMatch(/^line 15000 /);
  expect(lines.at(-1)).toBe('first half…');
});

test('what follows comes as it is written, through a rotation, to the end', async () => {
  await writeFile(log, entry('a'));
  const { next, end, lines } = follow();
  expect(await next()).toEqual(['a']);
  const later = next();
  await appendFile(log, entry('b'));
  expect(await later).toEqual(['b']);
  const afterRotation = next();
  await rename(log, `${log}.1`);
  await writeFile(log, entry('c'));
  expect(await afterRotation).toEqual(['c']);
  const last = lines.next();
  end();
  expect((await last).done).toBe(true);
});

test('two rotations while nobody looked lose nothing that is still there', async () => {
  await writeFile(log, entry('a'));
  const { next, abort, lines } = follow();
  expect(await next()).toEqual(['a']);
  await rename(log, `${log}.1`);
  await writeFile(log, entry('b'));
  await rename(log, `${log}.1`);
  await writeFile(log, entry('c'));
  expect([...(await next()), ...(await next())]).toEqual(['b', 'c']);
  const last = lines.next();
  abort.abort();
  expect((await last).done).toBe(true);
});

test('what was written right before the end is not lost', async () => {
  await writeFile(log, entry('a'));
  const { next, end, lines } = follow();
  expect(await next()).toEqual(['a']);
  const waiting = next();
  await appendFile(log, entry('last words'));
  end();
  expect(await waiting).toEqual(['last words']);
  expect((await lines.next()).done).toBe(true);
});

test('a character cut between two entries is whole, and bytes that are no text are replaced', async () => {
  const [a, b] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
  const head = (tag: string) => Buffer.from(entry('', tag).slice(0, -1));
  await writeFile(
    log,
    Buffer.concat([head('P'), a, Buffer.from('\n'), head('F'), b, Buffer.from('\n'), head('F'), Buffer.from([0xff, 0x0a])]),
  );
  expect(await read()).toEqual(['…', 'é', '\ufffd']);
});

test('a torn entry and a line that no supervisor wrote are left out', async () => {
  await writeFile(log, `garbage\n${entry('a')}\n2026-11-23T22:50:01.1234`);
  expect(await read()).toEqual(['a']);
});
