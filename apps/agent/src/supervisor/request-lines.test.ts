import { afterEach, expect, test } from 'vitest';
import { MAX_LINE_BYTES } from './protocol.ts';
import { MOST_UNFINISHED_BYTES, RequestLines, unfinishedBytes } from './request-lines.ts';

const connections: RequestLines[] = [];
afterEach(() => {
  for (const lines of connections.splice(0)) lines[Symbol.dispose]();
  expect(unfinishedBytes()).toBe(0);
});

function connect(): { lines: RequestLines; taken: string[] } {
  const taken: string[] = [];
  const lines = new RequestLines((line) => taken.push(line));
  connections.push(lines);
  return { lines, taken };
}

test('a line comes whole, in however many pieces it is sent', () => {
  const { lines, taken } = connect();
  for (const piece of ['on', 'e\ntw', 'o', '\n', '\nfo']) expect(lines.push(Buffer.from(piece))).toBe(true);
  expect(taken).toEqual(['one', 'two', '']);
});

test('connections that never end a line hold a bounded amount together, and others are read', () => {
  const flood = Buffer.alloc(64 * 1024, 'x');
  for (let i = 0; i < 200; i++) {
    const { lines } = connect();
    let isOpen = true;
    for (let sent = 0; isOpen && sent < 3 * 1024 * 1024; sent += flood.length) isOpen = lines.push(flood);
    expect(unfinishedBytes()).toBeLessThanOrEqual(MOST_UNFINISHED_BYTES);
    if (!isOpen) lines[Symbol.dispose]();
  }
  expect(unfinishedBytes()).toBeGreaterThan(MOST_UNFINISHED_BYTES / 2);
  const { lines, taken } = connect();
  expect(lines.push(Buffer.from('{"id":1}\n'))).toBe(true);
  expect(taken).toEqual(['{"id":1}']);
});

test('a line that is too long is refused', () => {
  const { lines, taken } = connect();
  expect(lines.push(Buffer.alloc(MAX_LINE_BYTES, 'x'))).toBe(true);
  expect(lines.push(Buffer.from('x'))).toBe(false);
  expect(taken).toEqual([]);
});
