import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(async () => await world?.[Symbol.asyncDispose]());

function limitOpenFiles(limit: number | ((used: number) => number)): void {
  const pid = String(world.agent?.pid);
  const most = typeof limit === 'number' ? limit : limit(readdirSync(`/proc/${pid}/fd`).length);
  execFileSync('prlimit', [`--nofile=${most}:`, '--pid', pid]);
}

test('an agent without descriptors says so, goes on, and works again when it has some', async () => {
  const client = await world.client();
  limitOpenFiles((used) => used + 4);
  const sockets = Array.from({ length: 20 }, () => createConnection(world.state.webSocket).on('error', () => {}));
  try {
    await Promise.all(sockets.map(async (socket) => void (await once(socket, 'connect'))));
    const refused = { code: 'too-many', hint: expect.stringContaining('ulimit -n') as unknown };
    await expect(client.command('volume.create', { name: 'data' })).rejects.toMatchObject(refused);
    expect(await client.command('container.list', {})).toEqual([]);
  } finally {
    for (const socket of sockets) socket.destroy();
    limitOpenFiles(20_000);
  }
  await until(
    'it works again',
    async () =>
      await client.command('volume.create', { name: 'data' }).then(
        () => true,
        () => false,
      ),
  );
  expect(world.agent?.exitCode).toBeNull();
});
