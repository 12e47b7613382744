import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeChain } from '../../apps/agent/src/deletion/deep-tree.fixture.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

/** As a container makes them: 63,000 bytes of path. A path of 300 of them is longer than any call takes as well. */
const DEPTH = 3000;
const SHORTER = 300;
const NAME = 'd'.repeat(20);

let world: World;
beforeAll(async () => void (world = await World.make()));
afterAll(async () => await world[Symbol.asyncDispose]());

const below = (...parts: string[]) => join(world.state.lib, ...parts);
const removed = () =>
  ['volumes', 'images', 'containers'].flatMap((store) => readdirSync(below(store)).filter((name) => name.startsWith('.')));

/** What `rm -r` does not get at by paths, or without being root. */
function makeHostile(directory: string, depth: number): void {
  makeChain(directory, depth, NAME);
  for (const byte of [0x01, 0x0a, 0x22, 0x5c, 0x80, 0xff]) {
    const name = Buffer.concat([Buffer.from(`${directory}/x`), Buffer.from([byte])]);
    mkdirSync(name, { mode: 0 });
    writeFileSync(Buffer.concat([name, Buffer.from('/'), Buffer.from([byte, 0xfe])]), '', { mode: 0 });
  }
}

test('what a container made as deep as it likes is removed as anything else, over the end of agent and supervisor', async () => {
  const before = await world.client();
  const source = join(world.directory, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'x');
  await before.command('image.import', { name: 'deep', source });
  await before.command('volume.create', { name: 'deep' });
  const { id } = await before.command('container.run', { name: 'deep', command: ['true'] });
  await before.command('container.wait', { container: id, timeoutMs: 30_000 });
  const image = readdirSync(below('images')).find(
    (name) => !existsSync(below('images', name, 'rootfs/bin/sh')) && name.startsWith('sha256-'),
  );
  const trees = [below('volumes/deep/data'), below('containers', id, 'upper'), below('images', image ?? '', 'rootfs')];
  for (const [i, tree] of trees.entries()) makeHostile(tree, i === 0 ? DEPTH : SHORTER);

  await before.command('container.remove', { container: id });
  await before.command('volume.remove', { name: 'deep' });
  await before.command('image.remove', { name: 'deep' });
  expect((await before.command('volume.list', {})).map(({ name }) => name)).not.toContain('deep');
  expect((await before.command('image.list', {})).map(({ name }) => name)).not.toContain('deep');
  for (const tree of trees) expect(existsSync(tree)).toBe(false);
  // The same names are free at once.
  await before.command('volume.create', { name: 'deep' });
  await before.command('image.import', { name: 'deep', source });

  await world.end('agent', 'SIGKILL');
  await world.end('supervisor', 'SIGKILL');
  for (const leftover of [
    'volumes/.removed-old',
    'volumes/.new-old',
    'images/.unfinished-old',
    'images/.removed-old',
    'containers/.removed-old',
  ]) {
    mkdirSync(below(leftover));
    makeChain(below(leftover), SHORTER, NAME);
  }
  await world.startSupervisor();
  await world.startAgent();
  const after = await world.client();
  expect((await after.command('volume.list', {})).map(({ name }) => name)).toEqual(['deep']);
  await after.command('container.run', { command: ['true'], image: 'base', autoRemove: true });
  await until('nothing of it is left', () => removed().length === 0);
});
