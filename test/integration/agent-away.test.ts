import { afterEach, beforeEach, expect, test } from 'vitest';
import { AgentRequests } from '../../apps/agent/src/client/agent-requests.ts';
import { World } from '../support/world.ts';

let world: World;
beforeEach(async () => void (world = await World.make()));
afterEach(async () => await world[Symbol.asyncDispose]());

test('an agent that answers without a supervisor is not taken for one that is away', async () => {
  const { id } = await world.run(['sleep', '1000']);
  await world.end('supervisor');
  using requests = new AgentRequests(world.state);
  const since = performance.now();
  await expect(requests.command('container.freeze', { container: id })).rejects.toMatchObject({
    code: 'unavailable',
    message: 'the supervisor is not there',
  });
  expect(performance.now() - since).toBeLessThan(30_000);
});

test('a supervisor that comes back within some seconds answers', async () => {
  const { id } = await world.run(['sleep', '1000']);
  await world.end('supervisor');
  using requests = new AgentRequests(world.state);
  const [views] = await Promise.all([requests.command('container.list', {}), world.startSupervisor()]);
  expect(views.map((view) => view.id)).toEqual([id]);
});
