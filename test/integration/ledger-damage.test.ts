import { readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ContainerRecord } from '../../apps/agent/src/supervisor/protocol.ts';
import { ledgerProblems, ledgerRows } from '../support/ledger.ts';
import { until } from '../support/until.ts';
import { openSocketIo } from '../support/wire.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const ENDED = 5;
const PAGE = 4096;

let world: World;
let running: ContainerRecord;
beforeEach(async () => {
  world = await World.make();
  running = await world.run(['sleep', 'infinity']);
  const ended = await Promise.all(Array.from({ length: ENDED }, async () => await world.run(['true'])));
  await Promise.all(ended.map(async ({ id }) => await world.link.request('wait', { id }, REQUEST_DEADLINE_MS)));
  await until(
    'all ends are in the ledger',
    async () => (await ledgerRows(world)).filter((row) => row.running === 0).length === ENDED,
  );
});
afterEach(async () => await world[Symbol.asyncDispose]());

/** Cpu time of what has ended, which no later reading changes. */
async function bills(): Promise<Record<string, string>> {
  const rows = await ledgerRows(world);
  return Object.fromEntries(rows.filter((row) => row.running === 0).map(({ key, usage }) => [key, usage.cpuNs]));
}

test('a ledger that is gone is made again of the supervisor’s records, and usage says what may be missing', async () => {
  const before = await bills();
  await world.end('agent', 'SIGTERM');
  for (const file of readdirSync(world.state.lib)) if (file.startsWith('ledger.db')) rmSync(join(world.state.lib, file));
  await world.startAgent();
  await until('the ends are back', async () => Object.keys(await bills()).length === ENDED);
  expect(await bills()).toEqual(before);
  expect((await ledgerRows(world)).filter((row) => row.running === 1).map(({ key }) => key)).toEqual([running.id]);
  expect(await ledgerProblems(world)).toEqual([]);
  const usage = await world.plimsoll('usage');
  expect(usage.stdout).toMatch(/the ledger was missing at .*: usage before then is what the supervisor's records/);
  expect((await world.plimsoll('usage', '--csv')).stderr).toContain('the ledger was missing');
  expect((await world.plimsoll('ledger', 'verify')).stdout).toContain('the ledger was missing');
  expect((await world.plimsoll('events', '--kind', 'store')).stdout).toContain('store.missing');
  expect((await world.plimsoll('info')).stdout).toContain('ledger: missing at');

  // A ledger that is new for the first time is no loss.
  await using other = await World.make();
  expect((await other.plimsoll('usage')).stdout).not.toContain('missing');
});

test('a ledger that is damaged beneath a running agent is replaced at its next use, which succeeds', async () => {
  const before = await bills();
  // Without a WAL every page is in the file.
  await world.end('agent', 'SIGTERM');
  await world.startAgent();
  const { agentPid } = await (await world.client()).command('host.report', {});
  const socket = await openSocketIo(world.state.agentSocket, readFileSync(world.state.localToken, 'utf8').trim());
  const told = Promise.withResolvers<unknown>();
  socket.once('store-warnings', told.resolve);
  const path = join(world.state.lib, 'ledger.db');
  {
    // A connection believes its cache until another has written.
    using other = new DatabaseSync(path, { timeout: 10_000 });
    other.exec('PRAGMA user_version = 7');
    truncateSync(path, 2 * PAGE);
  }
  const next = await world.run(['true']);
  await world.link.request('wait', { id: next.id }, REQUEST_DEADLINE_MS);
  await until('all is back', async () => next.id in (await bills()) && Object.keys(await bills()).length === ENDED + 1);
  expect(await bills()).toMatchObject(before);
  const warnings = await told.promise;
  socket.close();
  expect(warnings).toMatchObject([{ store: 'ledger', problem: 'damaged' }]);
  expect((await (await world.client()).command('host.report', {})).agentPid).toBe(agentPid);
  expect(await ledgerProblems(world)).toEqual([]);
  expect((await world.plimsoll('usage')).stdout).toContain('the ledger was damaged at');
});
