// @module-tag kernel

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await World.shared();
});

test('a start that waits behind a removal finds nothing to start', async () => {
  const { id } = await world.run(['/bin/true']);
  await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
  const removal = world.link.request('remove', { id, force: false }, REQUEST_DEADLINE_MS);
  const start = world.link.request('start', { id }, REQUEST_DEADLINE_MS);
  await expect(removal).resolves.toEqual({});
  await expect(start).rejects.toMatchObject({ code: 'not-found' });
  expect(await world.record(id)).toBeUndefined();
});

test('a container whose runtime state is damaged runs on, found by its cgroup', async () => {
  const running = await world.run(['/bin/sh', '-c', 'while :; do :; done']);
  const other = await world.run(['/bin/sleep', 'infinity']);
  await world.end('supervisor');
  const path = join(world.state.run, 'containers', running.id, 'state.json');
  rmSync(path);
  writeFileSync(path, '');
  await world.startSupervisor();
  expect((await world.record(other.id))?.state.status).toBe('running');
  const { state } = running;
  expect((await world.record(running.id))?.state).toMatchObject({ status: 'running', pid: 'pid' in state ? state.pid : 0 });
  for (const { id } of [running, other]) await world.link.request('kill', { id }, REQUEST_DEADLINE_MS);
  const record = await world.record(running.id);
  expect(record?.state).toMatchObject({ status: 'exited' });
  expect(BigInt(record?.lastExit?.cpuUsageNs ?? 0)).toBeGreaterThan(0n);
});

test('FIFOs and directories that a crash left unmade are made by the next supervisor', async () => {
  const running = await world.run(['/bin/sleep', 'infinity']);
  const { id } = await world.run(['/bin/true']);
  await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
  await world.end('supervisor');
  for (const container of [running.id, id]) rmSync(join(world.state.run, 'containers', container, 'stderr'));
  for (const name of ['upper', 'work']) rmSync(join(world.state.lib, 'containers', id, name), { recursive: true });
  await world.startSupervisor();
  expect((await world.record(running.id))?.state.status).toBe('running');
  await world.link.request('start', { id }, REQUEST_DEADLINE_MS);
  await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
  expect((await world.record(id))?.state).toMatchObject({ status: 'exited', exitCode: 0 });
  await world.link.request('kill', { id: running.id }, REQUEST_DEADLINE_MS);
});
