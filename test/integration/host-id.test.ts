import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HostId } from '@plimsoll/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { openSocketIo } from '../support/wire.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

let world: World;
beforeEach(async () => void (world = await World.make()));
afterEach(async () => await world[Symbol.asyncDispose]());

const path = (file: string): string => join(world.state.lib, file);
const stored = (): string => (JSON.parse(readFileSync(path('host.json'), 'utf8')) as { id: string }).id;

/** As the agent of now says it is. */
async function hello(): Promise<string | undefined> {
  const socket = await openSocketIo(world.state.agentSocket, readFileSync(world.state.localToken, 'utf8').trim());
  socket.close();
  return socket.hello.hostId;
}

async function restartAll(meanwhile: () => void): Promise<void> {
  await world.end('agent');
  await world.end('supervisor');
  meanwhile();
  await world.startSupervisor();
  await world.startAgent();
}

test('the host’s id is in hello, records, ledger rows, events and exports', async () => {
  const id = stored();
  expect(HostId.safeParse(id).success).toBe(true);
  expect(await hello()).toBe(id);

  const container = await world.run(['true'], { group: 'acme' });
  await world.link.request('wait', { id: container.id }, REQUEST_DEADLINE_MS);
  const past = async () => await world.link.request('pastRecords', { after: 0, most: 10 }, REQUEST_DEADLINE_MS);
  const [record] = await past();
  expect(record).toMatchObject({ kind: 'exit', id: container.id, host: id });
  expect(readFileSync(path('journal.jsonl'), 'latin1')).toContain(`"host":"${id}"`);
  await world.link.request('remove', { id: container.id, force: false }, REQUEST_DEADLINE_MS);
  await until('the end of its group is recorded', async () =>
    (await past()).some(({ kind, host }) => kind === 'group-end' && host === id),
  );

  const info = JSON.parse((await world.plimsoll('info', '--json')).stdout) as { hostId: string };
  expect(info.hostId).toBe(id);
  expect((await world.plimsoll('info')).stdout).toContain(id);
  const line = async (): Promise<string> => (await world.plimsoll('usage', '--csv')).stdout.trim().split('\n').at(-1) ?? '';
  await until('its usage is told', async () => (await line()).split(',').includes(id));
  expect(JSON.parse((await world.plimsoll('usage', '--json')).stdout)).toMatchObject({ hostId: id });
  const events = (await world.plimsoll('events', '--json')).stdout.trim().split('\n');
  expect(new Set(events.map((event) => (JSON.parse(event) as { host: string }).host))).toEqual(new Set([id]));

  await world.end('agent');
  using ledger = new DatabaseSync(path('ledger.db'), { readOnly: true });
  expect(ledger.prepare('SELECT DISTINCT host FROM meters').all()).toEqual([{ host: id }]);
  using log = new DatabaseSync(path('events.db'), { readOnly: true });
  expect(log.prepare('SELECT DISTINCT host FROM events').all()).toEqual([{ host: id }]);
});

test('the host’s id outlives its file, by the journal, and the journal, by the ledger', async () => {
  const id = stored();
  await restartAll(() => rmSync(path('host.json')));
  expect([stored(), await hello()]).toEqual([id, id]);
  await restartAll(() => {
    for (const file of ['host.json', 'journal.jsonl']) rmSync(path(file));
  });
  expect([stored(), await hello()]).toEqual([id, id]);
});
