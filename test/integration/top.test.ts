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

const top = async (container: string) => await client.command('container.top', { container });

test('every process of a container is told of, with its ids on both sides', async () => {
  const before = Date.now();
  const { id, state } = await world.run(['/bin/sh', '-c', 'sleep 1000 & sleep 2000 & while :; do :; done']);
  const { processes, total } = await until('both sleep, and the first has used cpu time', async () => {
    const told = await top(id);
    const asleep = told.processes.filter(({ command, state: letter }) => command.startsWith('sleep') && letter === 'S');
    return asleep.length === 2 && told.processes.some(({ cpuNs }) => BigInt(cpuNs) > 0n) ? told : null;
  });
  expect(total).toBe(3);
  const [first, ...others] = processes.toSorted((a, b) => a.containerPid - b.containerPid);
  expect(first).toMatchObject({ pid: 'pid' in state ? state.pid : 0, containerPid: 1, containerUid: 0, name: 'sh', state: 'R' });
  expect(first?.command).toContain('/bin/sh -c sleep 1000 & sleep 2000 &');
  expect(others.map(({ ppid, command, state: letter }) => ({ ppid, command, letter }))).toEqual(
    ['sleep 1000', 'sleep 2000'].map((command) => ({ ppid: first?.pid, command, letter: 'S' })),
  );
  for (const { startedAt, rssBytes, uid } of processes) {
    expect(Date.parse(startedAt)).toBeGreaterThan(before - 1000);
    expect(Date.parse(startedAt)).toBeLessThan(Date.now() + 1000);
    expect(rssBytes).toBeGreaterThan(0);
    expect(uid).toBe(first?.uid);
  }
});

test('one that does not run has none', async () => {
  const { id } = await client.command('container.create', { command: ['true'] });
  await expect(top(id)).rejects.toMatchObject({ code: 'wrong-state' });
  await expect(top('no-such')).rejects.toMatchObject({ code: 'not-found' });
});

test('processes that come and go are left out, and nothing is thrown', async () => {
  const { id } = await world.run(['/bin/sh', '-c', 'while :; do /bin/true & /bin/true & wait; done']);
  for (let i = 0; i < 50; i++) {
    const { processes, total } = await top(id);
    expect(processes.map(({ containerPid }) => containerPid)).toContain(1);
    expect(processes.length).toBeLessThanOrEqual(total);
  }
});
