import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../apps/agent/src/client/connect.ts';
import type { ContainerRecord } from '../../apps/agent/src/supervisor/protocol.ts';
import { requireReadableState } from '../../apps/agent/src/launcher/readable-state.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

/** Below `lib`, but for `run/`. What is there is moved away, and something else put in its place. */
const PLACES = [
  ...['journal.jsonl', 'journal.jsonl.new', 'groups.json', 'groups.json.new', 'log-gaps', 'reserve', 'host.json', 'stores.json'],
  ...['events.db', 'events.db-wal', 'events.db-held', 'events.db.new', 'ledger.db', 'ledger.db-held', 'charts.db', 'alerts.db'],
  ...[
    'sessions.json',
    'sessions.json.new',
    'images/names.json',
    'images/names.json.new',
    'images/KEPT/image.json',
    'images/KEPT/names.json',
  ],
  ...['images/GONE', 'images/.unfinished-x', 'images/.removed-x', 'images/other', 'images/.hidden'],
  ...[
    'volumes/kept/volume.json',
    'volumes/kept/volume.json.new',
    'volumes/gone',
    'volumes/.new-x',
    'volumes/.removed-x',
    'volumes/lost+found',
  ],
  ...['containers/ENDED/birth.json', 'containers/ENDED/container.json', 'containers/ENDED/log', 'containers/ENDED/rootfs'],
  ...['containers/RUNNING/birth.json', 'containers/RUNNING/container.json', 'containers/RUNNING/container.json.new'],
  ...['containers/.removed-x', 'containers/0123456789abcdef', 'containers/other', 'containers/GONE'],
  ...['run/containers/RUNNING/state.json', 'run/containers/ENDED', 'run/containers/.removed-x', 'run/containers/GONE'],
  ...['run/supervisor.pid', 'run/supervisor.sock', 'run/agent.sock', 'run/local.token', 'run/local.token.new', 'run/web.json'],
];
const WAYS: Record<string, (path: string) => void> = {
  'a directory': (path) => mkdirSync(join(path, 'below'), { recursive: true }),
  'an empty file': (path) => writeFileSync(path, ''),
  noise: (path) => writeFileSync(path, Buffer.from([0xff, 0x00, 0x7b, 0x0a, 0x0a, 0x22])),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
  'a link to itself': (path) => symlinkSync(path, path),
  'a link that leads nowhere': (path) => symlinkSync('/nonexistent/x', path),
};

let world: World;
let running: ContainerRecord;
let ended: ContainerRecord;
let gone: ContainerRecord;
let elsewhere: string;
const digests: Record<string, string> = {};

beforeAll(async () => {
  world = await World.make();
  elsewhere = join(world.directory, 'elsewhere');
  mkdirSync(elsewhere);
  using client = await connect(world.state);
  const source = join(world.directory, 'source');
  mkdirSync(source);
  for (const name of ['kept', 'gone']) {
    await client.command('volume.create', { name });
    writeFileSync(join(source, 'file'), name);
    digests[name.toUpperCase()] = (await client.command('image.import', { name, source })).digest.replace(':', '-');
  }
  running = await world.run(['/bin/sleep', 'infinity']);
  ended = await world.run(['true']);
  gone = await world.run(['true']);
  for (const { id } of [ended, gone]) await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
});
afterAll(async () => await world[Symbol.asyncDispose]());

function pathOf(place: string): string {
  const [store, ...rest] = place.split('/');
  const ids: Record<string, string> = store === 'images' ? digests : { RUNNING: running.id, ENDED: ended.id, GONE: gone.id };
  const parts = [store === 'run' ? world.state.run : join(world.state.lib, store ?? ''), ...rest];
  return join(...parts).replace(/KEPT|GONE|RUNNING|ENDED/, (name) => ids[name] ?? name);
}

function pidOf({ state }: ContainerRecord): number | null {
  return 'pid' in state ? state.pid : null;
}

function damage(place: string, way: string): void {
  const path = pathOf(place);
  if (!lstatSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) return;
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) renameSync(path, join(elsewhere, `${Math.random()}`));
  WAYS[way]?.(path);
}

test.each(Object.keys(WAYS))('%s in the place of anything keeps neither supervisor nor agent from starting', async (way) => {
  await world.end('agent', 'SIGKILL');
  await world.end('supervisor', 'SIGKILL');
  for (const place of PLACES) damage(place, way);
  expect(() => requireReadableState(world.state)).not.toThrow();
  await world.startSupervisor();
  await world.startAgent();

  using client = await connect(world.state);
  expect((await client.command('container.inspect', { container: running.id })).state).toMatchObject({
    status: 'running',
    pid: pidOf(running),
  });
  expect((await client.command('volume.list', {})).map(({ name }) => name)).toContain('kept');
  expect((await client.command('image.list', {})).map(({ name }) => name)).toContain('base');
  expect(await world.plimsoll('run', '--rm', '-v', 'kept:/v', 'base', 'sh', '-c', 'echo works')).toMatchObject({
    code: 0,
    stdout: 'works\n',
  });
  expect(existsSync(pathOf('volumes/lost+found'))).toBe(way !== 'a link to itself' && way !== 'a link that leads nowhere');
  expect(readdirSync(join(world.state.lib, 'volumes'))).toEqual(expect.arrayContaining(['kept', 'gone', 'lost+found']));
});
