import { beforeAll, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { World } from '../support/world.ts';

let world: World;
let client: AgentClient;
beforeAll(async () => {
  world = await World.shared();
  client = await world.client();
});

const wait = (container: string, timeoutMs = 30_000) => client.command('container.wait', { container, timeoutMs });

test('it is told how a container ends, and nothing before', async () => {
  const { id } = await client.command('container.run', { command: ['sleep', 'infinity'] });
  expect(await wait(id, 10)).toBeNull();
  const ended = wait(id);
  await client.command('container.kill', { container: id });
  expect((await ended)?.state).toMatchObject({ status: 'exited', exitCode: 137 });
  expect(await wait(id)).toEqual(await ended);
  const created = await client.command('container.create', { command: ['true'] });
  expect(await wait(created.id)).toEqual(created);
});

test('also of one that goes with its end, whether that comes before the question or after', async () => {
  const command = ['/bin/sh', '-c', 'exit 7'];
  for (let i = 0; i < 10; i++) {
    const { id } = await client.command('container.run', { command, autoRemove: true });
    expect((await wait(id))?.state).toMatchObject({ status: 'exited', exitCode: 7 });
  }
});
