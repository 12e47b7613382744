import { existsSync, readdirSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { Cgroup } from '@plimsoll/core';
import type { LoggedEvent } from '@plimsoll/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { launcherSocket } from '../../apps/agent/src/launcher-socket.ts';
import { acquireLock } from '../../apps/agent/src/launcher/lock.ts';
import type { ExitRecord } from '../../apps/agent/src/supervisor/ledger-record.ts';
import { Kills } from '../support/chaos/kills.ts';
import { Load } from '../support/chaos/load.ts';
import { FULL } from '../support/full.ts';
import { journalEntries } from '../support/journal.ts';
import { keepersOf } from '../support/keepers.ts';
import { cpuUsageNs, isV2 } from '../support/kernel-files.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { ledgerProblems, ledgerRows } from '../support/ledger.ts';
import { randomFrom } from '../support/random.ts';
import { SLOWNESS } from '../support/slowness.ts';
import type { Snapshot } from '../support/snapshot.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

/** PIDFD_GET_INFO (Linux 6.15): before it only the parent can read an exit status. */
const [major = 0, minor = 0] = release().split('.').map(Number);
const HAS_EXIT_INFO = major > 6 || (major === 6 && minor >= 15);

const TIMES = SLOWNESS > 1 ? { agent: 2, supervisor: 1 } : FULL ? { agent: 30, supervisor: 10 } : { agent: 8, supervisor: 3 };
const CLIENTS = SLOWNESS > 1 ? 3 : 6;
const SEED = Number(process.env['PLIMSOLL_TEST_SEED'] ?? Date.now() % 1e9);
const SUPERVISOR_MOST_KIB = 128 * 1024;
const TIMEOUT_MS = 1_800_000;

let world: World;
let launcher: AsyncDisposable | undefined;

beforeEach(async () => {
  world = await World.make();
  // Clients wait for an agent that its launcher starts again: here that is the test.
  launcher = await acquireLock(launcherSocket(world.state));
});
afterEach(async () => {
  await launcher?.[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

test.runIf(HAS_EXIT_INFO)(
  `${TIMES.agent} kills of the agent and ${TIMES.supervisor} of the supervisor under load lose nothing and leave nothing behind`,
  async () => {
    console.log(`PLIMSOLL_TEST_SEED=${SEED}`);
    await warmUp();
    const before = await left();
    const root = new Cgroup(HOST_LAYOUT, world.state.cgroup);
    const usedBefore = cpuUsageNs(root);
    // The root goes with the last container, and its counter with it: this one stays.
    const held = await world.run(['sleep', 'infinity']);
    const load = new Load(world, SEED);
    const kills = new Kills(world, randomFrom(SEED));
    await load.connect(CLIENTS);
    const loading = load.run();
    // Awaited below, behind the kills.
    loading.catch(() => {});
    await kills.run(TIMES);
    load.stop();
    await loading;
    kills.measure();
    console.log(JSON.stringify({ containers: load.expected.length, done: load.done, most: kills.most }));

    expect.soft(load.problems).toEqual([]);
    const exits = await checkedExits(load);
    await checkLedger(exits);
    await checkEvents(exits);
    // The kernel rounds down each of them on cgroup v2.
    const roundedNs = isV2(root, 'cpu') ? exits.size * 1000 : 0;
    await world.link.request('kill', { id: held.id }, REQUEST_DEADLINE_MS);
    const end = journalEntries<ExitRecord>(world.state.lib).find(({ kind, id }) => kind === 'exit' && id === held.id);
    const unbilledNs = cpuUsageNs(root) - usedBefore - sumOf([...exits.values(), ...(end === undefined ? [] : [end])]);
    await world.link.request('remove', { id: held.id, force: false }, REQUEST_DEADLINE_MS);
    expect.soft(Math.abs(Number(unbilledNs))).toBeLessThanOrEqual(roundedNs);
    await expect.poll(left, { timeout: REQUEST_DEADLINE_MS }).toEqual(before);
    await expect.poll(() => kills.orphans()).toEqual([]);
    expect.soft(keepersOf(world.state.run)).toHaveLength(1);
    expect.soft(kills.most.supervisor.rssKib).toBeLessThan(SUPERVISOR_MOST_KIB);
  },
  TIMEOUT_MS,
);

/** What a supervisor opens with its first container is there, and the ledger has that container. */
async function warmUp(): Promise<void> {
  const { id } = await world.run(['sleep', 'infinity']);
  await world.settledSnapshot();
  await world.link.request('remove', { id, force: true }, REQUEST_DEADLINE_MS);
}

/** What there is of containers. */
async function left(): Promise<Omit<Snapshot, 'files'> & { directories: string[] }> {
  const { files: _, mounts, descriptors, ...rest } = await world.settledSnapshot();
  const { socket: _connections, ...kept } = descriptors;
  const directories = ['lib', 'run'] as const;
  return {
    ...rest,
    descriptors: kept,
    mounts: mounts.filter((mount) => mount.includes(world.directory)),
    directories: directories.flatMap((kind) => entriesOf(join(world.state[kind], 'containers'))),
  };
}

const entriesOf = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);

const keyOf = ({ id, incarnation }: { id: string; incarnation: number }): string => `${id} ${incarnation}`;

const sumOf = (exits: readonly ExitRecord[]): bigint =>
  exits.reduce((sum, { counters }) => sum + BigInt(counters?.cpuUsageNs ?? 0), 0n);

/** The journal's exits of the load by container and incarnation: one of each start, with its exit code. */
async function checkedExits(load: Load): Promise<Map<string, ExitRecord>> {
  const ids = new Set(load.expected.map(({ id }) => id));
  const found = journalEntries<ExitRecord>(world.state.lib).filter(({ kind, id }) => kind === 'exit' && ids.has(id));
  const exits = new Map(found.map((exit) => [keyOf(exit), exit]));
  const codes = found.map((exit) => [keyOf(exit), exit.exitCode] as const);
  const expected = load.expected.flatMap(({ id, exitCodes }) =>
    exitCodes.map((code, i) => [keyOf({ id, incarnation: i + 1 }), code] as const),
  );
  const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);
  expect.soft(codes.toSorted(byKey)).toEqual(expected.toSorted(byKey));
  return exits;
}

/** The ledger has what the exits say, container by container, and is sound. */
async function checkLedger(exits: ReadonlyMap<string, ExitRecord>): Promise<void> {
  const ids = new Set([...exits.values()].map(({ id }) => id));
  const rows = await until('all is billed', async () => {
    const some = (await ledgerRows(world)).filter(({ key }) => ids.has(key));
    return some.length === ids.size && some.every(({ running }) => running === 0) ? some : null;
  });
  const billed = new Map(rows.map(({ key, usage }) => [key, usage.cpuNs]));
  const all = [...exits.values()];
  expect.soft(billed).toEqual(new Map(rows.map(({ key }) => [key, String(sumOf(all.filter(({ id }) => id === key)))])));
  expect.soft(rows.reduce((sum, { incarnations }) => sum + incarnations, 0)).toBe(exits.size);
  expect.soft(await ledgerProblems(world)).toEqual([]);
}

/** Each start and each end was logged once, and the end with its exit code. */
async function checkEvents(exits: ReadonlyMap<string, ExitRecord>): Promise<void> {
  const ids = new Set([...exits.values()].map(({ id }) => id));
  const codes = new Map([...exits].map(([key, { exitCode }]) => [key, exitCode]));
  const ended = await until('each end is logged', async () => {
    const found = (await events('container.exited')).filter(({ id }) => ids.has(id ?? ''));
    return found.length >= exits.size ? found : null;
  });
  const logged = ended.map(({ id, detail }) => [
    keyOf({ id: id ?? '', incarnation: Number(detail['incarnation']) }),
    detail['exitCode'],
  ]);
  expect.soft(logged).toHaveLength(exits.size);
  expect.soft(new Map(logged as [string, number | null][])).toEqual(codes);
  const removed = (await events('container.removed')).filter(({ id }) => ids.has(id ?? ''));
  expect.soft(removed.map(({ id }) => id ?? '').toSorted()).toEqual([...ids].toSorted());
}

async function events(kind: string): Promise<LoggedEvent[]> {
  const client = await world.client();
  const found: LoggedEvent[] = [];
  for (let before: number | undefined; ;) {
    const page = await client.command('event.list', { kinds: [kind], limit: 1000, ...(before !== undefined && { before }) });
    found.push(...page.events);
    before = page.events.at(-1)?.seq;
    if (page.events.length < 1000) return found;
  }
}
