// @module-tag kernel

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { changeJournal } from '../support/journal.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

let world: World;
let client: AgentClient;
beforeAll(async () => {
  world = await World.shared();
  client = await world.client();
});

/** As process 1 of its pid namespace it takes no SIGTERM. */
const STUBBORN = ['sleep', 'infinity'];
const LONG_MS = 600_000;

const restart = (container: string, graceMs = 20) => client.command('container.restart', { container, graceMs });
const statusOf = async (id: string) => (await world.record(id))?.state.status;
const untilStatus = (id: string, status: string) => until(`it is ${status}`, async () => (await statusOf(id)) === status);
const untilRunning = (id: string) =>
  until('it runs', async () => {
    const record = await world.record(id);
    return record?.state.status === 'running' ? record : null;
  });
const untilRemoved = (id: string) => until('it is removed', async () => (await world.record(id)) === undefined);
const untilLogged = (id: string, text: string) => until(`it has logged ${text}`, () => world.log(id).includes(text));

test('whatever it is doing, it runs anew', async () => {
  const { id } = await client.command('container.create', { command: STUBBORN });
  expect(await restart(id)).toMatchObject({ incarnation: 1, state: { status: 'running' } });
  expect(await restart(id)).toMatchObject({ incarnation: 2, state: { status: 'running' } });
  await client.command('container.freeze', { container: id });
  expect(await restart(id)).toMatchObject({ incarnation: 3, state: { status: 'running' } });
  await client.command('container.kill', { container: id });
  expect(await restart(id)).toMatchObject({ incarnation: 4, state: { status: 'running' } });
});

test('two at once are one, and join a stop', async () => {
  const { id } = await world.run(STUBBORN);
  const first = restart(id, LONG_MS);
  await untilStatus(id, 'stopping');
  for (const view of await Promise.all([first, restart(id)])) expect(view).toMatchObject({ incarnation: 2 });
  expect(await world.record(id)).toMatchObject({ incarnation: 2, state: { status: 'running' } });
});

test.each(['kill', 'stop'] as const)('a %s that comes meanwhile is the last word', async (verb) => {
  const { id } = await world.run(STUBBORN);
  const restarted = restart(id, LONG_MS).catch((error: unknown) => error);
  await untilStatus(id, 'stopping');
  await client.command(`container.${verb}`, { container: id, ...(verb === 'stop' && { graceMs: 10 }) });
  expect(await restarted).toMatchObject({ code: 'wrong-state' });
  expect(await world.record(id)).toMatchObject({ incarnation: 1, state: { status: 'exited' } });
});

test('one that goes with its end stays for its next start', async () => {
  const { id } = await world.run(STUBBORN, { autoRemove: true });
  expect(await restart(id)).toMatchObject({ id, incarnation: 2, state: { status: 'running' } });
  await client.command('container.kill', { container: id });
  await untilRemoved(id);
  expect(existsSync(join(world.state.lib, 'containers', id))).toBe(false);
});

test('a supervisor that is killed in between leaves it to the next, whether it has ended or not', async () => {
  const [gone, slow] = await Promise.all([
    world.run(STUBBORN, { autoRemove: true }),
    world.run(['/bin/sh', '-c', 'trap "echo asked; trap exit TERM" TERM; echo ready; while :; do sleep 0.01; done']),
  ]);
  await untilLogged(slow.id, 'ready');
  const asked = [gone, slow].map(({ id }) => restart(id, LONG_MS).catch(() => {}));
  await Promise.all([untilStatus(gone.id, 'stopping'), untilLogged(slow.id, 'asked')]);
  await world.end('supervisor');
  await Promise.all(asked);
  if ('pid' in gone.state) process.kill(gone.state.pid, 'SIGKILL');
  await world.startSupervisor();
  for (const { id } of [gone, slow]) {
    await until('it has begun anew', async () => (await world.record(id))?.incarnation === 2);
    expect(await untilRunning(id)).toMatchObject({ incarnation: 2 });
  }
});

test('one that goes with its end goes too where its supervisor was killed between the two', async () => {
  const { id } = await world.run(['/bin/true']);
  await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
  await world.end('supervisor');
  changeJournal(world.state.lib, (entry: { kind: string; id?: string; definition?: object }) =>
    entry.kind === 'created' && entry.id === id ? { ...entry, definition: { ...entry.definition, autoRemove: true } } : entry,
  );
  await world.startSupervisor();
  await untilRemoved(id);
  expect(existsSync(join(world.state.lib, 'containers', id))).toBe(false);
});
