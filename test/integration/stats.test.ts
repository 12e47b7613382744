import { setTimeout as delay } from 'node:timers/promises';
import { Cgroup } from '@plimsoll/core';
import { beforeAll, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { LEAST_RATE_MS } from '../../apps/agent/src/agent/sampling/sampler.ts';
import { cpuUsageNs } from '../support/kernel-files.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

let world: World;
let client: AgentClient;
beforeAll(async () => {
  world = await World.shared();
  client = await world.client();
});

test('what is asked for by name is read now, in its order, with nothing for one that does not run', async () => {
  const limits = { memoryBytes: 64 * 2 ** 20 };
  const busy = await client.command('container.run', { command: ['/bin/sh', '-c', 'while :; do :; done'], limits });
  const idle = await client.command('container.create', { command: ['true'] });
  const before = cpuUsageNs(new Cgroup(HOST_LAYOUT, busy.cgroup));
  // A tick that is not older than this is taken for now.
  await delay(LEAST_RATE_MS);
  const [none, one, ...more] = await client.command('container.stats', { containers: [idle.name, busy.id] });
  expect(more).toEqual([]);
  expect(none).toEqual({
    ...{ id: idle.id, name: idle.name, group: 'default', at: null, cpuUsageNs: null, cpuCores: null },
    ...{ memoryWorkingSetBytes: null, memoryLimitBytes: null, ioReadBytesPerS: null, ioWriteBytesPerS: null, pids: null },
    ...{ diskBytes: null, diskLimitBytes: null },
  });
  expect(one).toMatchObject({ id: busy.id, name: busy.name, group: 'default', memoryLimitBytes: limits.memoryBytes, pids: 1 });
  expect(BigInt(one?.cpuUsageNs ?? 0)).toBeGreaterThanOrEqual(before);
  await until('it has a rate', async () => {
    const [stats] = await client.command('container.stats', { containers: [busy.id] });
    return (stats?.cpuCores ?? 0) > 0.05;
  });
  await expect(client.command('container.stats', { containers: ['no-such'] })).rejects.toMatchObject({ code: 'not-found' });
});

test('otherwise all that run are told of, or every group', async () => {
  const running = await client.command('container.run', { command: ['sleep', 'infinity'], group: 'acme/web' });
  const ended = await client.command('container.create', { command: ['true'] });
  const all = await client.command('container.stats', {});
  expect(all.map(({ id }) => id)).toContain(running.id);
  expect(all.map(({ id }) => id)).not.toContain(ended.id);
  const groups = await client.command('container.stats', { groups: true });
  expect(groups.map(({ id, name, group }) => ({ id, name, group }))).toEqual(
    ['acme', 'acme/web', 'default'].map((path) => ({ id: null, name: path, group: path })),
  );
  expect(groups.find(({ name }) => name === 'acme')?.pids).toBe(1);
  await expect(client.command('container.stats', { groups: true, containers: [] })).rejects.toMatchObject({
    code: 'bad-request',
  });
});
