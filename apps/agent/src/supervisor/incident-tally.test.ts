import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IncidentTally } from './incident-tally.ts';

const told: [string, number][] = [];
let tally: IncidentTally;
beforeEach(() => {
  vi.useFakeTimers();
  told.length = 0;
  tally = new IncidentTally((kind, count) => told.push([kind, count]));
});
afterEach(() => void vi.useRealTimers());

test('the first is told at once, those after it together', () => {
  tally.take({ 'memory-max': 1, 'oom-kill': 0 });
  expect(told).toEqual([['memory-max', 1]]);
  tally.take({ 'memory-max': 5, 'oom-kill': 1 });
  tally.take({ 'memory-max': 9, 'oom-kill': 1 });
  expect(told.splice(0)).toEqual([
    ['memory-max', 1],
    ['oom-kill', 1],
  ]);
  vi.advanceTimersByTime(10_000);
  expect(told.splice(0)).toEqual([['memory-max', 8]]);
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
  tally.take({ 'memory-max': 10 });
  expect(told).toEqual([['memory-max', 1]]);
});

test('what was counted before is not told', () => {
  tally.begin({ 'oom-kill': 3 });
  tally.take({ 'oom-kill': 3, 'pids-refused': 0 });
  tally.take({ 'oom-kill': 4 });
  expect(told).toEqual([['oom-kill', 1]]);
});

test('at the end all is told, and nothing after', () => {
  tally.take({ 'oom-kill': 1, 'memory-high': 1 });
  tally.take({ 'memory-high': 7 });
  tally.end({ 'oom-kill': 2 });
  expect(told).toEqual([
    ['oom-kill', 1],
    ['memory-high', 1],
    ['oom-kill', 1],
    ['memory-high', 6],
  ]);
  expect(vi.getTimerCount()).toBe(0);
});
