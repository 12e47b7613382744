// @module-tag kernel-full

import { join } from 'node:path';
import { DEFAULT_PIDS, type ContainerView, type CreateContainerInput, type LimitsChange } from '@plimsoll/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { makeAttemptsLayer, whyNoAttempts } from '../support/escape/attempts-program.ts';
import { pidsCurrent, pidsLimit } from '../support/kernel-files.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

let world: World;
let client: AgentClient;
beforeAll(async () => {
  world = await World.make();
  client = await connect(world.state);
});
afterAll(async () => {
  client?.[Symbol.dispose]();
  await world?.[Symbol.asyncDispose]();
});

const run = (request: CreateContainerInput = {}) =>
  client.command('container.run', { command: ['sleep', 'infinity'], ...request });
const inForce = ({ id }: ContainerView) => pidsLimit(world.cgroup(`default/${id}`));
const change = async ({ id }: ContainerView, limits: LimitsChange) =>
  (await client.command('container.update', { container: id, limits })).container.limits;

test('a new container has 2,048 processes at most, seen by everybody', async () => {
  const made = await run({ name: 'usual' });
  expect([made.limits, inForce(made)]).toEqual([{ pids: 2048 }, 2048]);
  expect((await world.plimsoll('inspect', 'usual')).stdout).toMatch(/^limits +pids 2048$/m);
  expect((await world.plimsoll('run', '--help')).stdout).toContain('(default: 2048); -1 is any number');
});

test('its request chooses another number, or any', async () => {
  const few = await run({ limits: { pids: 9 } });
  expect([few.limits, inForce(few)]).toEqual([{ pids: 9 }, 9]);
  const any = await run({ limits: { pids: null } });
  expect([any.limits, inForce(any)]).toEqual([{}, null]);
  for (const text of ['-1', 'unlimited']) {
    const { stdout } = await world.plimsoll('run', '-d', '--pids-limit', text, '--', 'sleep', 'infinity');
    expect(pidsLimit(world.cgroup(`default/${stdout.trim()}`))).toBeNull();
  }
});

test('a change holds at once and at the next start', async () => {
  const made = await run();
  expect([await change(made, { pids: 4000 }), inForce(made)]).toEqual([{ pids: 4000 }, 4000]);
  expect([await change(made, { pids: null }), inForce(made)]).toEqual([{}, null]);
  await client.command('container.restart', { container: made.id, graceMs: 0 });
  expect(inForce(made)).toBeNull();
});

test('a container that was recorded without a limit stays without, over a new supervisor and a start', async () => {
  const { id } = await world.run(['sleep', 'infinity']);
  await world.end('supervisor');
  await world.startSupervisor();
  expect((await world.record(id))?.limits).toEqual({});
  await world.link.request('restart', { id, graceMs: 0 }, REQUEST_DEADLINE_MS);
  expect(pidsLimit(world.cgroup(`default/${id}`))).toBeNull();
});

test('a group has no limit by default', async () => {
  await client.command('group.create', { group: 'acme' });
  await run({ group: 'acme' });
  expect(pidsLimit(world.cgroup('acme'))).toBeNull();
});

describe.skipIf(whyNoAttempts !== null)(
  `a program that makes processes${whyNoAttempts === null ? '' : ` (${whyNoAttempts})`}`,
  () => {
    let source: string;
    beforeAll(() => void (source = makeAttemptsLayer(join(world.directory, 'attempts'))));

    const hoarder = (request: CreateContainerInput = {}) =>
      run({
        command: ['/attempt', 'hoard', 'processes'],
        mounts: [{ kind: 'bind', source, destination: '/attempt', readOnly: true }],
        ...request,
      });

    test('is refused more than 2,048, itself among them, although it reaps none', async () => {
      const { id } = await hoarder();
      await until('it is refused', () => world.log(id).includes('took'));
      expect(world.log(id)).toContain(`took ${DEFAULT_PIDS - 1} processes: EAGAIN`);
      await client.command('container.kill', { container: id });
    });

    test('has more where its container may have any number', async () => {
      // Its group stops it, as the host would have to.
      const most = DEFAULT_PIDS + 100;
      await client.command('group.create', { group: 'bounded', limits: { pids: most } });
      const { id } = await hoarder({ group: 'bounded', limits: { pids: null } });
      await until('it is refused', () => world.log(id).includes('took'));
      expect(pidsCurrent(world.cgroup('bounded'))).toBe(most);
      await client.command('container.kill', { container: id });
    });
  },
);
