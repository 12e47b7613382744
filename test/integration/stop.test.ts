// @module-tag kernel

import { beforeAll, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

let world: World;
let client: AgentClient;
beforeAll(async () => {
  world = await World.shared();
  client = await world.client();
});

/** As process 1 of its pid namespace it takes no SIGTERM. */
const STUBBORN = ['sleep', 'infinity'];
const LONG_MS = 600_000;

const stop = (container: string, graceMs?: number) =>
  client.command('container.stop', { container, ...(graceMs !== undefined && { graceMs }) });

test('a stop of a container that does not run changes nothing', async () => {
  const created = await client.command('container.create', { command: ['/bin/true'] });
  expect(await stop(created.id)).toEqual(created);

  const { id } = await client.command('container.run', { command: ['/bin/sh', '-c', 'exit 3'] });
  await until('it has ended', async () => (await world.record(id))?.state.status === 'exited');
  expect((await stop(id)).state).toMatchObject({ status: 'exited', exitCode: 3 });

  const failed = await client.command('container.create', { command: ['/no/such'] });
  await expect(client.command('container.start', { container: failed.id })).rejects.toMatchObject({ code: 'command-not-found' });
  expect((await stop(failed.id)).state.status).toBe('failed');
});

test('a second stop joins the first, and a shorter grace time brings the kill forward', async () => {
  const { id } = await world.run(STUBBORN);
  const first = stop(id, LONG_MS);
  await until('it is stopping', async () => (await world.record(id))?.state.status === 'stopping');
  const ended = await Promise.all([first, stop(id, LONG_MS), stop(id, 10), stop(id, LONG_MS)]);
  for (const { state } of ended) expect(state).toMatchObject({ status: 'exited', exitCode: 137 });
});
