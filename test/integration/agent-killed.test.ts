import { Cgroup } from '@plimsoll/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { AgentRequests } from '../../apps/agent/src/client/agent-requests.ts';
import { counted, COUNTING, expectComplete, untilLogged } from '../support/counting.ts';
import { cpuUsageNs } from '../support/kernel-files.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

let world: World;

describe('an agent that is killed', () => {
  beforeEach(async () => void (world = await World.shared()));

  test('leaves containers running; the next one shows them, their logs whole and their counters going on', async () => {
    const container = await world.run(COUNTING);
    await untilLogged(world, container.id, 20);
    await world.end('agent', 'SIGKILL');
    const usageMeanwhile = cpuUsageNs(new Cgroup(HOST_LAYOUT, container.cgroup));
    await untilLogged(world, container.id, Math.max(...counted(world, container.id)) + 20);
    await world.startAgent();

    const client = await world.client();
    const view = await client.command('container.inspect', { container: container.id });
    expect(view.state).toEqual(container.state);
    const history = await client.watch({ kind: 'container', container: container.id });
    const reading = await until('a reading', () => history.columns.cpuUsageNs?.at(-1) ?? null);
    expect(reading).toBeGreaterThanOrEqual(usageMeanwhile);
    await client.command('container.kill', { container: container.id });

    const shown: number[] = [];
    for await (const lines of new AgentRequests(world.state).logs({ container: container.id, follow: true })) {
      shown.push(...lines.map(({ text }) => Number(text)));
    }
    expectComplete(shown);
    expect(shown).toEqual(counted(world, container.id));
  });

  test('loses no exit: what ended meanwhile is told by the next one', async () => {
    const container = await world.run(['/bin/sh', '-c', 'read _ < /dev/zero & exit 7']);
    await world.end('agent', 'SIGKILL');
    await world.link.request('wait', { id: container.id }, REQUEST_DEADLINE_MS);
    await world.startAgent();
    const view = await (await world.client()).command('container.inspect', { container: container.id });
    expect(view.state).toMatchObject({ status: 'exited', exitCode: 7 });
    expect(BigInt(view.lastExit?.cpuUsageNs ?? 0)).toBeGreaterThan(0n);
  });
});
