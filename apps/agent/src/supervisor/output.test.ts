import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { EventLoop, makeFifo, readableBytes } from '@plimsoll/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AllOutput, DrainBudget, TimeBudget } from './drain-budget.ts';
import type { GapRecord } from './log-gap.ts';
import { Output } from './output.ts';

const noGap: GapRecord = { get: () => null, set: () => {}, onRetry: () => ({ [Symbol.dispose]: () => {} }) };

const DEADLINE_MS = 30_000;

let directory: string;
let loop: EventLoop;
let fds: number[];
let released: bigint[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'output-'));
  loop = new EventLoop();
  fds = [];
  released = [];
  for (const name of ['stdout', 'stderr']) makeFifo(join(directory, name));
});
afterEach(() => {
  loop[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const kept = { holdFifo: (fd: number) => BigInt(fds.push(fd)), release: (key: bigint) => void released.push(key) };
const open = (budget?: DrainBudget): Output =>
  new Output({
    loop,
    directory,
    log: { path: join(directory, 'log'), gap: noGap },
    kept,
    ...(budget !== undefined && { budget }),
  });

test('a FIFO that cannot be drained at the end keeps neither the other one nor the end', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const output = open();
  writeSync(fds[1]!, 'last words\n');
  // Another file has this descriptor: it is no pipe.
  closeSync(fds[0]!);
  expect(openSync('/dev/null', 'r')).toBe(fds[0]);
  await output[Symbol.asyncDispose]();
  expect(readFileSync(join(directory, 'log'), 'utf8')).toContain('stderr F last words');
  expect(released).toEqual([1n, 2n]);
  vi.restoreAllMocks();
});

test('what is drained at the end costs others none of their time', async () => {
  const all = new AllOutput();
  const spend = vi.spyOn(all, 'spend');
  const output = open(new DrainBudget(all));
  writeSync(fds[0]!, '\n'.repeat(60_000));
  await output[Symbol.asyncDispose]();
  expect(spend).not.toHaveBeenCalled();
  expect(readFileSync(join(directory, 'log'), 'utf8').match(/stdout F \n/g)).toHaveLength(60_000);
});

test('beyond the budget nothing is read, and the FIFO stays full until time has passed', async () => {
  let now = 0;
  const clock = (): number => now;
  const output = open(new DrainBudget(new AllOutput(new TimeBudget(1, 1e-6, clock)), new TimeBudget(1, 1e-6, clock)));
  const bytes = 60_000;
  writeSync(fds[0]!, '\n'.repeat(bytes));
  await vi.waitUntil(() => readableBytes(fds[0]!) < bytes, { timeout: DEADLINE_MS });
  const left = readableBytes(fds[0]!);
  // More rounds of the event loop than there are reads left.
  for (let i = 0; i < 100; i++) await setImmediate();
  expect(readableBytes(fds[0]!)).toBe(left);
  expect(left).toBeGreaterThan(bytes / 2);
  const passing = setInterval(() => (now += 1000), 1);
  await vi.waitUntil(() => readableBytes(fds[0]!) === 0, { timeout: DEADLINE_MS });
  clearInterval(passing);
  await output[Symbol.asyncDispose]();
  expect(readFileSync(join(directory, 'log'), 'utf8').match(/stdout F \n/g)).toHaveLength(bytes);
});
