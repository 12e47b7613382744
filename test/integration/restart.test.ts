import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const STARTS = 12;

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(async () => await world[Symbol.asyncDispose]());

test('a container that is started again the moment it ends has its files, and is one container at a time', async () => {
  const { id } = await world.run(['/bin/sh', '-c', 'echo . >> /starts']);
  const request = (verb: 'start' | 'wait') => world.link.request(verb, { id }, REQUEST_DEADLINE_MS);
  await request('wait');
  for (let starts = 1; starts < STARTS; starts++) {
    await request('start');
    await request('wait');
  }
  const written = readFileSync(join(world.state.lib, 'containers', id, 'upper/starts'), 'utf8');
  expect(written).toBe('.\n'.repeat(STARTS));
  expect(await world.record(id)).toMatchObject({ incarnation: STARTS, state: { status: 'exited', exitCode: 0 } });
});
