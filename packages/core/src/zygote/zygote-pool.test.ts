import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventLoop } from '../events/event-loop.ts';
import { makePipe } from '../processes/pipe.ts';
import { commandName } from '../processes/ancestry.ts';
import { statFields } from '../processes/process.ts';
import { Memory } from '../program/argument.ts';
import { call, tryCall } from '../program/call.ts';
import { Program } from '../program/program.ts';
import type { Play } from './lane.ts';
import { ZygotePool } from './zygote-pool.ts';

const DEADLINE_MS = 30_000;

let loop: EventLoop;
let pool: ZygotePool;
let pipe: { read: number; write: number };
beforeEach(() => {
  loop = new EventLoop();
  pool = new ZygotePool(loop);
  pipe = makePipe();
});
afterEach(async () => {
  await pool[Symbol.asyncDispose]();
  loop[Symbol.dispose]();
  for (const fd of [pipe.read, pipe.write]) tryCall('close', fd);
});

/** Of this process, by their ids. */
function zygotes(): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const ours = pids.filter((pid) => commandName(pid) === 'plimsoll-zygote' && Number(statFields(pid)?.[1]) === process.pid);
  return ours.toSorted((a, b) => a - b);
}

async function until(holds: () => boolean): Promise<void> {
  await vi.waitUntil(holds, { timeout: DEADLINE_MS, interval: 10 });
}

/** A program that ends when a byte is written for it. */
async function play(of: Play): Promise<void> {
  const program = new Program();
  program.call('wait for a byte', 'read', [pipe.read, new Memory(new Uint8Array(1), 'byte'), 1]);
  const { loaded } = await pool.play(program, of);
  loaded[Symbol.dispose]();
}

const end = (programs: number) =>
  call('end programs', 'write', pipe.write, new Memory(new Uint8Array(programs).fill(1), 'bytes'), programs);

const STARTS: Play[] = ['a', 'a', 'a', 'a', 'b', 'b', 'c', 'd'].map((share) => ({ share }));
const ENDS: Play[] = ['a', 'a', 'b', 'c'].map((share) => ({ share, closes: true }));

test('a burst that fills both lanes is played again by the same zygotes', async () => {
  const burst = [...STARTS, ...ENDS];
  const first = burst.map(play);
  await until(() => zygotes().length === burst.length);
  const before = zygotes();
  const second = burst.map(play);
  end(2 * burst.length);
  await Promise.all([...first, ...second]);
  const third = burst.map(play);
  await until(() => zygotes().length === burst.length);
  expect(zygotes()).toEqual(before);
  end(burst.length);
  await Promise.all(third);
});

test('zygotes of more programs than the lanes have room for end when these come back', async () => {
  const burst = Array.from({ length: 20 }, (_, i) => ({ share: `share ${i}` }));
  const all = burst.map(play);
  await until(() => zygotes().length === burst.length);
  end(burst.length);
  await Promise.all(all);
  await until(() => zygotes().length <= STARTS.length + ENDS.length);
  expect(zygotes()).toHaveLength(STARTS.length + ENDS.length);
});
