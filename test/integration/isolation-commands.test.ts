import { readFileSync, readlinkSync } from 'node:fs';
import { namespacePath, type NamespaceType } from '@plimsoll/core';
import type { ContainerIsolation, HostNamespace } from '@plimsoll/protocol';
import { beforeAll, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

let world: World;
let client: AgentClient;
let pid: number;

beforeAll(async () => {
  world = await World.shared();
  client = await world.client();
  const command = ['sh', '-c', 'sleep infinity & exec sleep infinity'];
  const { state } = await client.command('container.run', { name: 'seen', hostname: 'seen-host', command });
  if (!('pid' in state)) throw new Error(`it is ${state.status}`);
  ({ pid } = state);
  await until('its shell has become the second sleep', () => readFileSync(`/proc/${pid}/comm`, 'latin1') === 'sleep\n');
});

const inodeOf = (type: NamespaceType) => Number(/\d+/.exec(readlinkSync(namespacePath(pid, type)))?.[0]);

test('namespaces are shown as a matrix, as a list and as JSON', async () => {
  const matrix = await world.plimsoll('namespaces');
  expect(matrix.code).toBe(0);
  const [head = '', host = '', ...rows] = matrix.stdout.trim().split('\n');
  expect(head).toMatch(/^CONTAINER\s+UTS\s+PID\s+MOUNT\s+NETWORK\s+IPC/);
  expect(host).toMatch(/^\(host\)\s+\d+/);
  expect(rows.find((row) => row.startsWith('seen'))).toContain(`${inodeOf('pid')} own`);
  const all = await world.plimsoll('namespaces', '--all');
  expect(all.stdout).toMatch(new RegExp(`^${inodeOf('mount')}\\s+mount\\s+2\\s+${pid}\\s+sleep\\s+seen$`, 'm'));
  const { stdout } = await world.plimsoll('namespaces', '--json');
  const { namespaces } = JSON.parse(stdout) as { namespaces: HostNamespace[] };
  expect(namespaces.find(({ inode }) => inode === inodeOf('mount'))).toMatchObject({ type: 'mount', processes: 2 });
});

test('what isolates a container is told in words, and as JSON', async () => {
  const { code, stdout } = await world.plimsoll('isolation', 'seen');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^effective capabilities\s+chown, /m);
  expect(stdout).toMatch(new RegExp(`^pid\\s+${inodeOf('pid')}\\s+nobody: its own$`, 'm'));
  expect(stdout).toMatch(/^host name\s+seen-host\s+\S/m);
  const { stdout: json } = await world.plimsoll('isolation', '--json', 'seen');
  const { namespaces } = await client.command('container.isolation', { container: 'seen' });
  expect((JSON.parse(json) as ContainerIsolation).namespaces).toEqual(namespaces);
});
