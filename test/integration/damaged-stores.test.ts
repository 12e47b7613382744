import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../apps/agent/src/client/connect.ts';
import type { StoreWarning } from '@plimsoll/protocol';
import type { ContainerRecord } from '../../apps/agent/src/supervisor/protocol.ts';
import { counted, COUNTING, untilLogged } from '../support/counting.ts';
import { DAMAGES, type Damage } from '../support/damage.ts';
import { FULL } from '../support/full.ts';
import { ledgerProblems, ledgerRows } from '../support/ledger.ts';
import { randomFrom } from '../support/random.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

/** In the order in which an agent opens them; `run/` is of the run directory, all others of lib. */
const STORES = [
  'events.db',
  'images/names.json',
  'images/DIGEST/image.json',
  'images/DIGEST/names.json',
  'volumes/kept/volume.json',
  'sessions.json',
  'run/local.token',
  'ledger.db',
  'charts.db',
  'alerts.db',
  'host.json',
  'stores.json',
];
/** Whose absence is reported: something is lost with them. */
const MISSED = ['events.db', 'images/names.json', 'ledger.db', 'charts.db', 'alerts.db'];
/** A flipped bit in the text of a row, or in a page that is in the WAL as well, is no damage that SQLite knows of. */
const MAY_PASS = new Set<Damage>(['flipped', 'in one place', 'cut off']);
const RULE = { name: 'kept', when: { kind: 'event' as const, events: ['container.exited' as const] } };
const SEED = Number(process.env['PLIMSOLL_TEST_SEED'] ?? Date.now() % 1e9);
const random = randomFrom(SEED);

let world: World;
let running: ContainerRecord;
let hostId: string;
let ended: ContainerRecord;

beforeAll(async () => {
  console.log(`PLIMSOLL_TEST_SEED=${SEED}`);
  world = await World.make();
  running = await world.run(COUNTING);
  ended = await world.run(['true']);
  await world.link.request('wait', { id: ended.id }, REQUEST_DEADLINE_MS);
  using client = await connect(world.state);
  await client.command('volume.create', { name: 'kept' });
  ({ hostId } = await client.command('host.report', {}));
});
afterAll(async () => await world[Symbol.asyncDispose]());

function pathOf(store: string): string {
  const { lib, run } = world.state;
  const digest = readdirSync(join(lib, 'images')).find((name) => name.startsWith('sha256-')) ?? '';
  return store.startsWith('run/') ? join(run, store.slice('run/'.length)) : join(lib, store.replace('DIGEST', digest));
}

/** Whatever is true of every store, each by its path. */
async function contents(): Promise<Record<string, unknown>> {
  using client = await connect(world.state);
  const [images, volumes, rows, { rules }, { events }] = await Promise.all([
    client.command('image.list', {}),
    client.command('volume.list', {}),
    ledgerRows(world),
    client.command('alert.list', {}),
    client.command('event.list', { kinds: ['container.created'], limit: 1000 }),
  ]);
  return {
    'images/names.json': images.map(({ name, digest }) => [name, digest]),
    'volumes/kept/volume.json': volumes.map(({ name }) => name),
    'ledger.db': rows.map(({ key }) => key).toSorted(),
    'alerts.db': rules.map(({ name }) => name),
    'events.db': events.map(({ id }) => id).filter((id) => id === running.id || id === ended.id),
  };
}

/** Ends the agent, in order or by a kill, damages a store and starts the next. Returns whether a WAL was left beside it. */
async function restartDamaged(store: string, how: Damage): Promise<boolean> {
  const path = pathOf(store);
  await world.end('agent', random() < 0.5 ? 'SIGTERM' : 'SIGKILL');
  const hasWal = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  DAMAGES[how](path, random);
  await world.startAgent();
  return hasWal;
}

const kept = (store: string): string[] => {
  const path = pathOf(store);
  const names = readdirSync(join(path, '..')).map((name) => join(path, '..', name));
  return names.filter((name) => name.startsWith(`${path}.damaged-`) && /\d$/.test(name));
};

/** Each store in one way; in every way in the full run. */
const cases = STORES.flatMap((store) => {
  const ways = Object.keys(DAMAGES) as Damage[];
  const [way = 'missing'] = ways.splice(Math.floor(random() * ways.length), 1);
  return (FULL ? [way, ...ways] : [way]).map((how) => [store, how] as const);
});

/** A rule and a session may have been lost by the test before. */
async function prepare(): Promise<void> {
  if (world.agent === null) await world.startAgent();
  using client = await connect(world.state);
  if ((await client.command('alert.list', {})).rules.length === 0) await client.command('alert.create', RULE);
  await client.command('session.invite', {});
}

async function warnings(): Promise<StoreWarning[]> {
  using client = await connect(world.state);
  return (await client.command('host.report', {})).storeWarnings;
}

test.each(cases)(
  '%s %s: the agent starts, containers go on, it is reported, and no other store is concerned',
  async (store, how) => {
    await prepare();
    const [before, filesBefore, warningsBefore] = [await contents(), kept(store), await warnings()];
    const lines = counted(world, running.id).length;
    const hadWal = await restartDamaged(store, how);

    using client = await connect(world.state);
    expect((await client.command('host.report', {})).hostId).toBe(hostId);
    const view = await client.command('container.inspect', { container: running.id });
    expect(view.state).toEqual(running.state);
    await untilLogged(world, running.id, lines + 5);

    const files = kept(store).filter((file) => !filesBefore.includes(file));
    const known = new Set(warningsBefore.map(({ path, at }) => `${path} ${at}`));
    const reported = (await warnings()).filter(({ path, at }) => !known.has(`${path} ${at}`));
    const isMissing = (how === 'missing' || (how === 'empty' && store.endsWith('.db'))) && !hadWal;
    if (isMissing && MISSED.includes(store)) {
      expect(reported).toMatchObject([{ problem: 'missing', path: pathOf(store), kept: null }]);
    } else {
      expect(reported.map((warning) => warning.kept)).toEqual(files);
      if (!isMissing && !(store.endsWith('.db') && MAY_PASS.has(how))) expect(files).toHaveLength(1);
    }
    const { events } = await client.command('event.list', { kinds: ['store', 'log.damaged'], limit: 1000 });
    const doctor = (await world.plimsoll('doctor')).stdout;
    for (const { path, kept: file, message } of reported) {
      expect(events.some(({ detail }) => detail['kept'] === file && (file !== null || detail['path'] === path))).toBe(true);
      expect(doctor).toContain(message);
    }

    const after = await contents();
    for (const [other, value] of Object.entries(before)) if (other !== store) expect(after[other], other).toEqual(value);
    // These are made again of what else there is.
    for (const one of ['images/names.json', 'volumes/kept/volume.json']) expect(after[one], one).toEqual(before[one]);
    const next = await client.command('container.run', { command: ['true'] });
    await until('it is in the ledger', async () =>
      (await ledgerRows(world)).some(({ key, running: n }) => key === next.id && n === 0),
    );
    expect(await ledgerProblems(world)).toEqual([]);
    // The supervisor has the ends of containers that are there still, and the kernel the counters of what runs, whatever became of the ledger.
    expect((await ledgerRows(world)).map(({ key }) => key)).toEqual(expect.arrayContaining([ended.id, running.id]));
  },
);

test('directories in the place of sockets and of the pid file are set aside', async () => {
  await prepare();
  await world.end('agent');
  await world.end('supervisor');
  const files = ['agent.sock', 'supervisor.sock', 'supervisor.pid'];
  for (const file of files) {
    rmSync(join(world.state.run, file), { force: true });
    mkdirSync(join(world.state.run, file));
  }
  await world.startSupervisor();
  await world.startAgent();
  expect((await world.record(running.id))?.state).toEqual(running.state);
  for (const file of files) expect(kept(`run/${file}`)).toHaveLength(1);
  expect((await warnings()).filter(({ path }) => files.includes(basename(path)))).toHaveLength(files.length);
});

test('a damaged record of a start and a damaged log concern their own container alone', async () => {
  await prepare();
  const directory = join(world.state.lib, 'containers', ended.id);
  writeFileSync(join(directory, 'birth.json'), '[{"step":');
  rmSync(join(directory, 'log'), { force: true });
  mkdirSync(join(directory, 'log'));
  using client = await connect(world.state);
  await expect(client.command('container.birth', { container: ended.id })).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('was damaged') as string,
  });
  expect((await client.command('container.birth', { container: running.id })).length).toBeGreaterThan(0);
  expect(await world.plimsoll('logs', ended.id)).toMatchObject({ code: 0, stdout: '' });
  const log = join(world.state.lib, 'containers', running.id, 'log');
  appendFileSync(log, Buffer.from([0, 255, 10, 10, 0x32, 10]));
  const shown = await world.plimsoll('logs', '--tail', '20', running.id);
  expect(shown.code).toBe(0);
  expect(
    shown.stdout
      .trim()
      .split('\n')
      .every((line) => /^\d+$/.test(line)),
  ).toBe(true);
});
