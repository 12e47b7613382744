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

/** Says which of these signals it was sent, and goes on. */
const LISTENING = ['/bin/sh', '-c', 'trap "echo hup" HUP; trap "echo usr1" USR1; echo ready; while :; do sleep 0.01; done'];

const logged = (id: string, text: string) => until(`it has logged ${text}`, () => world.log(id).includes(text));

test('a signal by name or by number reaches the first process, and changes no state', async () => {
  const { id, state } = await world.run(LISTENING);
  await logged(id, 'ready');
  expect((await client.command('container.kill', { container: id, signal: 'hup' })).state).toEqual(state);
  await logged(id, 'hup');
  expect((await client.command('container.kill', { container: id, signal: '10' })).state).toEqual(state);
  await logged(id, 'usr1');
  const killed = await client.command('container.kill', { container: id, signal: 'SIGKILL' });
  expect(killed.state).toMatchObject({ status: 'exited', exitCode: 137, signal: 'SIGKILL' });
});

test('a frozen container takes SIGKILL alone, and one that does not run takes none', async () => {
  const { id, name } = await world.run(LISTENING);
  await client.command('container.freeze', { container: id });
  await expect(client.command('container.kill', { container: id, signal: 'HUP' })).rejects.toMatchObject({
    code: 'wrong-state',
    message: `cannot signal container "${name}": it is frozen, not running or stopping`,
    hint: 'Thaw it first; SIGKILL ends a frozen container as well.',
  });
  const killed = await client.command('container.kill', { container: id, signal: '9' });
  expect(killed.state).toMatchObject({ status: 'exited', exitCode: 137 });
  for (const signal of ['HUP', 'KILL']) {
    await expect(client.command('container.kill', { container: id, signal })).rejects.toMatchObject({ code: 'wrong-state' });
  }
});

test('what is no signal is refused', async () => {
  await expect(client.command('container.kill', { container: 'any', signal: 'NONE' })).rejects.toMatchObject({
    code: 'bad-request',
  });
});
