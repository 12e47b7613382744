import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PlimsollError } from '@plimsoll/protocol';
import { Attendance } from './attendance.ts';
import { containerRecord as record, RUNNING } from './container-record.fixture.ts';
import { Registry } from './registry.ts';

const ID = 'aaaa000000000000';
const EXITED = {
  status: 'exited',
  startedAt: RUNNING.startedAt,
  exitedAt: '2026-01-01T00:00:09.000Z',
  ...{ exitCode: 0, signal: null, oomKilled: false },
} as const;

let registry: Registry;
let attendance: Attendance;
let asked: unknown[][];
let answer: Promise<unknown>;
beforeEach(() => {
  vi.useFakeTimers();
  registry = new Registry();
  asked = [];
  answer = Promise.reject(new Error('no supervisor'));
  answer.catch(() => {});
  attendance = new Attendance(registry, {
    request: (...request: unknown[]) => {
      asked.push(request);
      return answer;
    },
  } as never);
  registry.replace({ groups: [], records: [record(ID, 'one', { state: RUNNING })] });
  attendance.begin(ID);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  attendance[Symbol.dispose]();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const end = () => registry.update(record(ID, 'one', { state: EXITED }));
const removals = () => asked.filter(([verb]) => verb === 'remove').map(([verb, args]) => [verb, args]);
const REMOVED = [['remove', { id: ID, force: false }]];

test('one that is read to its end is left to its client for ten seconds', () => {
  const reader = attendance.attend(ID);
  vi.advanceTimersByTime(60_000);
  end();
  vi.advanceTimersByTime(60_000);
  expect(removals()).toEqual([]);
  reader[Symbol.dispose]();
  vi.advanceTimersByTime(9_999);
  expect(removals()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(removals()).toEqual(REMOVED);
});

test('one whose client goes away while it runs is removed as soon as it has ended', () => {
  const reader = attendance.attend(ID);
  reader[Symbol.dispose]();
  reader[Symbol.dispose]();
  vi.advanceTimersByTime(60_000);
  expect(removals()).toEqual([]);
  end();
  expect(removals()).toEqual(REMOVED);
});

test('a client that comes back is there again', () => {
  attendance.attend(ID)[Symbol.dispose]();
  using _ = attendance.attend(ID);
  end();
  vi.advanceTimersByTime(60_000);
  expect(removals()).toEqual([]);
});

test('one that ends before its client has come waits for it for ten seconds', () => {
  end();
  vi.advanceTimersByTime(9_999);
  expect(removals()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(removals()).toEqual(REMOVED);
});

test('one whose client never came is removed with its end', () => {
  vi.advanceTimersByTime(60_000);
  end();
  expect(removals()).toEqual(REMOVED);
});

test('of several readers the last counts', () => {
  const readers = [attendance.attend(ID), attendance.attend(ID)];
  readers[0]?.[Symbol.dispose]();
  end();
  expect(removals()).toEqual([]);
  readers[1]?.[Symbol.dispose]();
  vi.advanceTimersByTime(10_000);
  expect(removals()).toEqual(REMOVED);
});

test("what its client removes, and what was never attended, is nobody else's", () => {
  const reader = attendance.attend(ID);
  end();
  registry.remove(ID);
  reader[Symbol.dispose]();
  attendance.begin('bbbb000000000000');
  attendance.attend('cccc000000000000')[Symbol.dispose]();
  vi.advanceTimersByTime(60_000);
  expect(removals()).toEqual([]);
  // That of its own.
  expect(vi.getTimerCount()).toBe(1);
});

test('one that is read to its end is removed with it', async () => {
  answer = Promise.resolve({});
  attendance.attend(ID);
  expect(await attendance.finish(ID)).toBe(false);
  end();
  expect(await attendance.finish(ID)).toBe(true);
  expect(removals()).toEqual(REMOVED);
});

test('one that was started again meanwhile stays, and so does one that nobody attends', async () => {
  end();
  answer = Promise.reject(new PlimsollError('wrong-state', 'it runs'));
  expect(await attendance.finish(ID)).toBe(false);
  expect(await attendance.finish('bbbb000000000000')).toBe(false);
});

test('one that is read slowly is held for its reader', () => {
  attendance.attend(ID);
  end();
  vi.advanceTimersByTime(65_000);
  expect(asked.map(([verb, args]) => [verb, args])).toEqual(Array.from({ length: 3 }, () => ['hold', { id: ID }]));
});

test('a client that comes back to another agent attends its container again', () => {
  attendance[Symbol.dispose]();
  attendance = new Attendance(registry, { request: async (...request: unknown[]) => void asked.push(request) } as never);
  registry.update(record(ID, 'one', { state: RUNNING, autoRemove: true }));
  const reader = attendance.attend(ID);
  reader[Symbol.dispose]();
  end();
  expect(removals()).toEqual(REMOVED);
});
