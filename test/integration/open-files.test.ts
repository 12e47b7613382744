import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
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
  const creates = async (name: string): Promise<unknown> =>
    await client.command('volume.create', { name }).then(
      () => null,
      (error: unknown) => error,
    );
  const sockets = new Set<Socket>();
  const connect = async (): Promise<void> => {
    const socket = createConnection(world.state.webSocket).on('error', () => {});
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    await once(socket, 'connect');
  };
  limitOpenFiles((used) => used + 4);
  try {
    let attempts = 0;
    // The agent drops a connection it has no descriptor for, also while a short read of its own takes the last one.
    const refusal = await until('the connections take every descriptor', async () => {
      while (sockets.size < 20) await connect();
      return await creates(`early-${++attempts}`);
    });
    expect(refusal).toMatchObject({ code: 'too-many', hint: expect.stringContaining('ulimit -n') as unknown });
    expect(await client.command('container.list', {})).toEqual([]);
  } finally {
    for (const socket of sockets) socket.destroy();
    limitOpenFiles(20_000);
  }
  await until('it works again', async () => (await creates('data')) === null);
  expect(world.agent?.exitCode).toBeNull();
});
