import { afterAll, beforeAll, expect, test } from 'vitest';
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

const NOBODY = 65_534;
const OF_OTHERS = 0o007;
const SEARCH = 0o001;

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(async () => await world?.[Symbol.asyncDispose]());

test('another user may read or write none of its files', async () => {
  const client = await world.client();
  await client.command('volume.create', { name: 'data' });
  const { code } = await world.plimsoll(
    'run',
    '-v',
    'data:/data',
    '--',
    'sh',
    '-c',
    'echo hello; echo x > /data/f; chmod 777 /data/f',
  );
  expect(code).toBe(0);
  const reached = [world.state.lib, world.state.run].flatMap((path) => reachable(path));
  const open = reached.filter(({ mode }) => (mode & OF_OTHERS & ~SEARCH) !== 0);
  expect(open.map(({ path }) => path)).toEqual([world.state.lib, world.state.run]);
});

test("no local user runs a container's set-uid file, or reads what it wrote", async () => {
  const script = 'cp /bin/cat /tmp/cat; chmod 4755 /tmp/cat; echo secret > /tmp/secret; chmod 600 /tmp/secret';
  const { id } = await world.run(['sh', '-c', `${script}; echo ready; exec sleep 1000`]);
  const containers = join(world.state.lib, 'containers');
  const upper = join(containers, id, 'upper');
  await until('the files are there', () => world.log(id).includes('ready'));
  const attack = async () =>
    (await promisify(execFile)(join(upper, 'tmp/cat'), [join(upper, 'tmp/secret')], { uid: NOBODY, gid: NOBODY })).stdout;
  await expect(attack()).rejects.toMatchObject({ code: 'EACCES' });
  for (const path of [containers, join(containers, id)]) chmodSync(path, 0o711);
  await expect(attack()).resolves.toBe('secret\n');
});

test('directories of an earlier version are closed at the start', async () => {
  const closed = ['lib/containers', 'lib/images', 'lib/volumes', 'run/containers'].map((path) => join(world.directory, path));
  for (const path of closed) chmodSync(path, 0o755);
  for (const part of ['agent', 'supervisor'] as const) await world.end(part);
  await world.startSupervisor();
  await world.startAgent();
  expect(closed.map((path) => lstatSync(path).mode & 0o7777)).toEqual(closed.map(() => 0o700));
});

/** Everything below a directory that another user can look up. */
function reachable(top: string): { path: string; mode: number }[] {
  const found: { path: string; mode: number }[] = [];
  const visit = (path: string): void => {
    const stats = lstatSync(path);
    found.push({ path, mode: stats.mode });
    if (stats.isDirectory() && (stats.mode & SEARCH) !== 0) for (const name of readdirSync(path)) visit(join(path, name));
  };
  visit(top);
  return found;
}
