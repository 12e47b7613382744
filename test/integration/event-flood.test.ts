import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended } from '../support/ended.ts';
import { signIn } from '../support/session.ts';
import { World } from '../support/world.ts';

const KEPT = 1000;
const AT_ONCE = 50;

let world: World;
beforeAll(async () => {
  world = await World.make({ agent: false });
  await world.startAgent({ PLIMSOLL_KEEP_EVENTS: String(KEPT) });
});
afterAll(async () => await world?.[Symbol.asyncDispose]());

/** In batches, each command over a connection of its own where `give` opens one. */
async function flood(times: number, give: () => Promise<unknown>): Promise<void> {
  for (let given = 0; given < times; given += AT_ONCE) await Promise.allSettled(Array.from({ length: AT_ONCE }, give));
}

test('a session with any number of connections cannot push out what the log has', async () => {
  const client = await world.client();
  await client.command('group.create', { group: 'before' });
  const session = await signIn(world);
  const codes = new Set<string>();
  await flood(KEPT, async () => {
    const { answer } = await session('container.kill', { container: 'nothing' });
    codes.add((answer as { error: { code: string } }).error.code);
  });
  expect([...codes].toSorted()).toEqual(['not-found', 'too-many']);
  const { events } = await client.command('event.list', { kinds: ['group', 'log'], limit: 100 });
  expect(events.map(({ kind, subject, name }) => [kind, subject, name])).toContainEqual(['group.created', 'group', 'before']);
  expect(events.map(({ kind }) => kind)).not.toContain('log.trimmed');
});

test('a flood of root trims the log, which says so, and what ends meanwhile is recorded', async () => {
  const client = await world.client();
  const { id } = await world.run(['true']);
  await flood(2 * KEPT, async () => await client.command('container.kill', { container: 'nothing' }));
  const { id: later } = await world.run(['true']);
  for (const one of [id, later]) await ended(client, one);
  const { events } = await client.command('event.list', { limit: 1000 });
  expect(events.filter(({ kind }) => kind === 'log.trimmed').length).toBeGreaterThan(0);
  expect(events.filter(({ kind, id: of }) => kind === 'container.exited' && of === later)).toHaveLength(1);
  expect(await client.command('container.list', {})).toHaveLength(2);
});
