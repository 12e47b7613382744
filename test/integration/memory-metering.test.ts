// @module-tag quiet
// @module-tag kernel-full

import { setTimeout as delay } from 'node:timers/promises';
import type { Cgroup } from '@plimsoll/core';
import type { UsageRow } from '@plimsoll/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memorySplit, memoryUsageBytes } from '../support/kernel-files.ts';
import { ledgerProblems, ledgerRows } from '../support/ledger.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const LOOK_AGAIN_MS = 4;
const ATTEMPTS = SLOWNESS === 1 ? 4 : 1;
const MOST_FILL_MS = 200;
const MOST_END_MS = 25;

let world: World;
beforeAll(async () => {
  world = await World.make();
  // The code of an end is compiled by then.
  await meter('true');
});
afterAll(async () => await world[Symbol.asyncDispose]());

/** dd has its whole block in memory, and cannot write it to a reader that does not read. */
const holding = (mebibytes: number, seconds: number) => `dd if=/dev/zero bs=${mebibytes}M count=1 2>/dev/null | sleep ${seconds}`;

interface Followed {
  /** Byte-ms by samples 4 ms apart. */
  truth: number;
  /** How long it took to become nine tenths of the most, and how long it was there after it had been so much. */
  fillMs: number;
  endMs: number;
}

interface Metered extends Followed {
  /** Of the ledger. */
  used: number;
  least: number;
  most: number;
  row: UsageRow;
}

async function begin(script: string): Promise<{ id: string; followed: Promise<Followed> }> {
  const definition = await world.define({ command: ['/bin/sh', '-c', script] });
  const followed = follow(world.cgroup(`default/${definition.id}`));
  await world.link.request('run', { definition }, REQUEST_DEADLINE_MS);
  return { id: definition.id, followed };
}

async function billed(id: string, followed: Followed): Promise<Metered> {
  const row = await until('its end is in the ledger', async () => {
    const [found] = await ledgerRows(world, { container: id });
    return found?.running === 0 ? found : null;
  });
  const { memoryByteMs, memoryLeastByteMs, memoryMostByteMs } = row.usage;
  return { ...followed, used: Number(memoryByteMs), least: Number(memoryLeastByteMs), most: Number(memoryMostByteMs), row };
}

async function meter(script: string): Promise<Metered> {
  const { id, followed } = await begin(script);
  return await billed(id, await followed);
}

/** A cgroup's working set from its beginning to its end. */
async function follow(cgroup: Cgroup): Promise<Followed> {
  await until('its cgroup is there', () => workingSet(cgroup) !== null);
  const samples = [{ atMs: performance.now(), bytes: 0 }];
  for (let bytes = workingSet(cgroup); bytes !== null; bytes = workingSet(cgroup)) {
    samples.push({ atMs: performance.now(), bytes });
    await delay(LOOK_AGAIN_MS);
  }
  const many = Math.max(...samples.map(({ bytes }) => bytes)) * 0.9;
  const held = samples.filter(({ bytes }) => bytes > many);
  const at = (sample?: { atMs: number }) => sample?.atMs ?? 0;
  let truth = 0;
  for (const [i, { atMs, bytes }] of samples.entries()) {
    const last = samples[i - 1];
    if (last === undefined) continue;
    truth += ((last.bytes + bytes) / 2) * (atMs - last.atMs);
  }
  return { truth, fillMs: at(held[0]) - at(samples[0]), endMs: at(samples.at(-1)) - at(held.at(-1)) };
}

/** Null: it is not there. */
function workingSet(cgroup: Cgroup): number | null {
  try {
    return memoryUsageBytes(cgroup) - memorySplit(cgroup).inactiveFileBytes;
  } catch {
    return null;
  }
}

/** Which of its bounds do not hold. */
function broken({ truth, used, least, most }: Metered): string[] {
  const bounds = { 'least is more than the truth': least > truth, 'most is less than the truth': most < truth };
  const own = { 'least is more than what is billed': least > used, 'most is less than what is billed': most < used };
  return Object.entries({ ...bounds, ...own }).flatMap(([what, isSo]) =>
    isSo ? [`${what}: ${least} ${used} ${most}, ${truth}`] : [],
  );
}

test.each([1, 2, 5])('200 MiB that are held for %i s are billed to 5 percent', async (seconds) => {
  const errors: number[] = [];
  for (let attempt = 0; attempt < ATTEMPTS && !errors.some((error) => error < 0.05); attempt++) {
    const one = await meter(holding(200, seconds));
    expect(broken(one)).toEqual([]);
    // On a busy machine it takes long to fill, or its end is read late: in that time it does not hold its memory.
    if (one.fillMs > MOST_FILL_MS || one.endMs > MOST_END_MS * seconds) continue;
    errors.push(Math.abs(one.used / one.truth - 1));
    expect(one.most).toBeLessThan(one.truth * 1.3);
  }
  if (errors.length === 0) {
    console.warn(`this machine is too busy for a payload that holds its memory ${seconds} s; its bounds held ${ATTEMPTS} times`);
    return;
  }
  expect(Math.min(...errors)).toBeLessThan(0.05);
});

test.each([
  ['bursts', 'for i in 1 2 3 4 5 6; do dd if=/dev/zero of=/dev/null bs=150M count=2 2>/dev/null; sleep 0.3; done'],
  ['dips', Array.from({ length: 5 }, () => holding(100, 0.45)).join('; ')],
  ['a ramp', 'for i in 1 2 3 4 5 6 7 8 9 10; do head -c 20000000 /dev/zero; sleep 0.2; done | tail | sleep 2.5'],
  ['a life of some ms', 'dd if=/dev/zero of=/dev/null bs=50M count=1 2>/dev/null'],
  ['half a second, thrice at once', `${Array.from({ length: 3 }, () => holding(120, 0.5)).join(' & ')} & wait`],
])('the bound contains %s', async (_what, script) => {
  expect(broken(await meter(script))).toEqual([]);
});

test('what ran while no agent was there is estimated from the most that it ever had', async () => {
  await world.end('agent', 'SIGKILL');
  const { id, followed } = await begin(holding(100, 2 * SLOWNESS));
  const truth = await followed;
  await world.startAgent();
  const one = await billed(id, truth);
  expect(broken(one)).toEqual([]);
  expect(one.used).toBeGreaterThan(one.truth / 4);
  expect(one.row.usage.estimatedMs).toBe(one.row.usage.elapsedMs);
});

test('an agent that is killed in the middle leaves a gap that is bounded', async () => {
  const { id, followed } = await begin(holding(100, 6 * SLOWNESS));
  await until('it is in the ledger', async () => (await ledgerRows(world, { container: id })).length > 0);
  await world.end('agent', 'SIGKILL');
  await delay(1000);
  await world.startAgent();
  const one = await billed(id, await followed);
  expect(broken(one)).toEqual([]);
  expect(Number(one.row.usage.estimatedMs)).toBeGreaterThan(900);
  expect(await ledgerProblems(world)).toEqual([]);
});
