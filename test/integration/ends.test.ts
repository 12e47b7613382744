// @module-tag kernel

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const STARTS = 12;
const FILES = 2000;

let world: World;
beforeAll(async () => {
  world = await World.shared();
});

const request = (verb: 'start' | 'wait' | 'kill', id: string) => world.link.request(verb, { id }, REQUEST_DEADLINE_MS);

test('a container that is started again the moment it ends has its files, and is one container at a time', async () => {
  const { id } = await world.run(['/bin/sh', '-c', 'echo . >> /starts']);
  await request('wait', id);
  for (let starts = 1; starts < STARTS; starts++) {
    await request('start', id);
    await request('wait', id);
  }
  const written = readFileSync(join(world.state.lib, 'containers', id, 'upper/starts'), 'utf8');
  expect(written).toBe('.\n'.repeat(STARTS));
  expect(await world.record(id)).toMatchObject({ incarnation: STARTS, state: { status: 'exited', exitCode: 0 } });
});

// The end of an overlay syncs the file system below it, and whoever takes it down is charged for all that is written then.
test.each(['started', 'adopted'])(
  'the end of a container that was %s is not charged with what others have written',
  async (how) => {
    const { id } = await world.run(['/bin/sleep', 'infinity']);
    if (how === 'adopted') {
      await world.end('supervisor');
      await world.startSupervisor();
    }
    const directory = join(world.state.lib, `others-${how}`);
    mkdirSync(directory);
    for (let i = 0; i < FILES; i++) writeFileSync(join(directory, String(i)), 'x'.repeat(5000));
    await request('kill', id);
    const record = await world.record(id);
    expect(record?.state.status).toBe('exited');
    // Null: the host counts no io.
    expect(record?.lastExit?.ioWriteBytes ?? '0').toBe('0');
  },
);
