import { randomBytes } from 'node:crypto';
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

const newName = () => `name-${randomBytes(4).toString('hex')}`;
const rename = (container: string, name: string) => client.command('container.rename', { container, name });

test('it is the same container under another name, in every state', async () => {
  const [before, after] = [newName(), newName()];
  const created = await client.command('container.create', { name: before, command: ['sleep', 'infinity'] });
  const seen: string[] = [];
  client.on('container', ({ id, name }) => void (id === created.id && seen.push(name)));
  expect(await rename(before, after)).toEqual({ ...created, name: after });
  expect(seen).toContain(after);
  await expect(client.command('container.inspect', { container: before })).rejects.toMatchObject({ code: 'not-found' });

  const states: Record<string, () => Promise<unknown>> = {
    running: () => client.command('container.start', { container: created.id }),
    frozen: () => client.command('container.freeze', { container: created.id }),
    exited: () => client.command('container.kill', { container: created.id }),
  };
  for (const [status, reach] of Object.entries(states)) {
    await reach();
    const name = newName();
    expect(await rename(created.id, name)).toMatchObject({ name, hostname: before, cgroup: created.cgroup, state: { status } });
    expect((await client.command('container.inspect', { container: name })).id).toBe(created.id);
  }
});

test('a name that is taken is refused, and one that was given up is free', async () => {
  const [one, two] = await Promise.all(
    [1, 2].map(() => client.command('container.create', { name: newName(), command: ['true'] })),
  );
  if (one === undefined || two === undefined) throw new Error('not made');
  for (const name of [one.name, two.name]) await expect(rename(one.id, name)).rejects.toMatchObject({ code: 'conflict' });
  await expect(rename('no-such', newName())).rejects.toMatchObject({ code: 'not-found' });
  await expect(rename(one.id, 'no name')).rejects.toMatchObject({ code: 'bad-request' });
  await rename(one.id, newName());
  expect(await rename(two.id, one.name)).toMatchObject({ id: two.id, name: one.name });
});

test('the supervisor that comes later knows it, and so do bills and the event log', async () => {
  const [before, after] = [newName(), newName()];
  const { id } = await client.command('container.run', { name: before, command: ['sleep', 'infinity'] });
  await rename(id, after);
  await world.end('supervisor');
  await world.startSupervisor();
  expect((await world.record(id))?.name).toBe(after);
  await client.command('container.remove', { container: after, force: true });

  const { events } = await until('its removal is logged', async () => {
    const page = await client.command('event.list', { subject: id });
    return page.events.some(({ kind }) => kind === 'container.removed') ? page : null;
  });
  const named = events.map(({ kind, name, detail }) => ({ kind: kind === 'command' ? detail['verb'] : kind, name }));
  expect(named).toContainEqual({ kind: 'container.started', name: before });
  expect(named).toContainEqual({ kind: 'container.rename', name: before });
  expect(named).toContainEqual({ kind: 'container.renamed', name: after });
  expect(named).toContainEqual({ kind: 'container.removed', name: after });
  expect(events.find(({ kind }) => kind === 'container.renamed')?.detail).toEqual({ before, after });

  const [from, to] = [Date.now() - 3_600_000, Date.now() + 1000].map((at) => new Date(at).toISOString());
  const query = { from: from ?? '', to: to ?? '', aggregate: 'container' } as const;
  const { steps } = await client.command('usage.query', { ...query, container: after });
  expect(steps[0]?.rows).toMatchObject([{ key: id, name: after, incarnations: 1 }]);
});
