// @module-tag kernel-full

import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { journalEntries } from '../support/journal.ts';
import { FULL } from '../support/full.ts';
import { ledgerProblems, ledgerRows } from '../support/ledger.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

/** At the least; it goes on until the agent was killed often enough. */
const SHORT_LIVED = SLOWNESS > 1 ? 50 : FULL ? 2000 : 300;
const KILLS = SLOWNESS > 1 ? 1 : 2;
const AT_ONCE = 4;

let world: World;
beforeEach(async () => void (world = await World.make()));
afterEach(async () => await world[Symbol.asyncDispose]());

interface Exit {
  kind: string;
  id: string;
  seq: number;
  incarnation: number;
  counters: { cpuUsageNs: string } | null;
}

/** What the supervisor read last of each, as it is on disk. */
function journalledExits(): Exit[] {
  return journalEntries<Exit>(world.state.lib).filter(({ kind }) => kind === 'exit');
}

test(`${SHORT_LIVED} containers that live for milliseconds, the agent killed at random meanwhile: none missing, none twice`, async ({
  signal,
}) => {
  let started = 0;
  let kills = 0;
  const worker = async () => {
    while ((started < SHORT_LIVED || kills < KILLS) && !signal.aborted) {
      started++;
      const command = started % 3 === 0 ? ['/bin/sh', '-c', ':'] : ['true'];
      const { id } = await world.run(command, { group: started % 2 === 0 ? 'acme' : 'acme/web' });
      await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
      await world.link.request('remove', { id, force: false }, REQUEST_DEADLINE_MS);
    }
  };
  const working = Promise.all(Array.from({ length: AT_ONCE }, worker));
  let isDone = false;
  void working.finally(() => (isDone = true)).catch(() => {});
  while (!isDone && !signal.aborted) {
    await delay(Math.random() * 1500 * SLOWNESS);
    await world.end('agent', 'SIGKILL');
    kills++;
    await delay(Math.random() * 200);
    await world.startAgent();
  }
  await working;
  expect(kills).toBeGreaterThanOrEqual(KILLS);

  const exits = journalledExits();
  expect(exits).toHaveLength(started);
  await until('all is billed', async () => {
    const rows = await ledgerRows(world);
    return rows.length === started && rows.every(({ running }) => running === 0);
  });
  const billed = new Map((await ledgerRows(world)).map(({ key, usage }) => [key, usage.cpuNs]));
  expect(billed).toEqual(new Map(exits.map(({ id, counters }) => [id, counters?.cpuUsageNs])));
  const total = exits.reduce((sum, { counters }) => sum + BigInt(counters?.cpuUsageNs ?? 0), 0n);
  const [all] = await ledgerRows(world, { aggregate: 'image' });
  expect(all).toMatchObject({ usage: { cpuNs: String(total) }, incarnations: started, running: 0 });
  expect(await ledgerProblems(world)).toEqual([]);
  // What the ledger has, the supervisor need not keep.
  await until('all is acknowledged', async () => {
    const kept = await world.link.request('ledgerRecords', { after: 0, most: 10 }, REQUEST_DEADLINE_MS);
    return kept.filter(({ kind }) => kind === 'exit').length === 0;
  });
}, 1_200_000);
