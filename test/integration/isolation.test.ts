// @module-tag kernel

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ContainerIsolation, NamespaceType } from '@plimsoll/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

/** The files of /proc/<pid>/ns (namespaces(7)). */
const FILES: Readonly<Record<NamespaceType, string>> = {
  uts: 'uts',
  pid: 'pid',
  mount: 'mnt',
  network: 'net',
  ipc: 'ipc',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
};
const GETPCAPS = ['/usr/sbin/getpcaps', '/sbin/getpcaps'].find((path) => existsSync(path));
const LSNS = ['/usr/bin/lsns', '/bin/lsns'].find((path) => existsSync(path));
const NSENTER = ['/usr/bin/nsenter', '/bin/nsenter'].find((path) => existsSync(path));

let world: World;
let client: AgentClient;
let pid: number;
let isolation: ContainerIsolation;

beforeAll(async () => {
  world = await World.shared();
  client = await world.client();
  pid = await start('seen', ['sh', '-c', 'sleep infinity & sleep infinity & exec sleep infinity']);
  await until('its processes are there', () => namesIn(pid) === 3);
  isolation = await client.command('container.isolation', { container: 'seen' });
});

async function start(name: string, command: string[]): Promise<number> {
  const { state } = await client.command('container.run', { name, hostname: `${name}-host`, command });
  if (!('pid' in state)) throw new Error(`${name} is ${state.status}`);
  return state.pid;
}

const inodeOf = (of: number | 'self', type: NamespaceType) =>
  Number(/\d+/.exec(readlinkSync(`/proc/${of}/ns/${FILES[type]}`))?.[0]);
const lines = (path: string) => readFileSync(path, 'utf8').split('\n').filter(Boolean);
const statusOf = (of: number, field: string) =>
  new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${of}/status`, 'utf8'))?.[1]?.trim();
/** As a shell inside is told it: in its namespaces, by its root. */
const inside = (...command: string[]) => execFileSync(NSENTER ?? '', ['-t', String(pid), '-a', ...command], { encoding: 'utf8' });
const namesIn = (of: number) => readdirSync(`/proc/${of}/root/proc`).filter((name) => /^\d+$/.test(name)).length;

test('namespaces are those of /proc, each its own or the host’s', () => {
  expect(isolation.pid).toBe(pid);
  const types = (Object.keys(FILES) as NamespaceType[]).filter((type) => existsSync(`/proc/self/ns/${FILES[type]}`));
  expect(isolation.namespaces.map(({ type }) => type)).toEqual(types);
  for (const { type, inode, sharedWith, containers } of isolation.namespaces) {
    expect(inode, type).toBe(inodeOf(pid, type));
    expect(sharedWith, type).toBe(inode === inodeOf('self', type) ? 'host' : 'own');
    expect(containers, type).toEqual([]);
  }
});

test.skipIf(GETPCAPS === undefined)('capabilities are those that getpcaps tells', () => {
  const told = execFileSync(GETPCAPS ?? '', [String(pid)], { encoding: 'utf8' });
  // `123: cap_chown,cap_kill=eip`, or without any name where there is none.
  const names = (/cap_[a-z_,0-9]+/.exec(told)?.[0] ?? '').split(',').filter(Boolean);
  expect(isolation.capabilities.permitted.map((name) => name.toLowerCase()).toSorted()).toEqual(names.toSorted());
  expect(
    BigInt(`0x${statusOf(pid, 'CapBnd')}`)
      .toString(2)
      .replaceAll('0', ''),
  ).toHaveLength(isolation.capabilities.bounding.length);
});

test('seccomp, no_new_privs, id maps, limits and the rest are what /proc says', () => {
  const modes = { disabled: '0', strict: '1', filter: '2' };
  expect(modes[isolation.seccomp.mode]).toBe(statusOf(pid, 'Seccomp'));
  expect(String(isolation.seccomp.filters ?? '')).toBe(statusOf(pid, 'Seccomp_filters') ?? '');
  expect(isolation.noNewPrivileges).toBe(statusOf(pid, 'NoNewPrivs') === '1');
  expect(isolation.umask).toBe(statusOf(pid, 'Umask'));
  const rows = (map: ContainerIsolation['uidMap']) => map.map(({ inside: first, outside, count }) => [first, outside, count]);
  const numbers = (path: string) => lines(path).map((line) => line.trim().split(/\s+/).map(Number));
  expect(rows(isolation.uidMap)).toEqual(numbers(`/proc/${pid}/uid_map`));
  expect(rows(isolation.gidMap)).toEqual(numbers(`/proc/${pid}/gid_map`));
  expect(isolation.oomScoreAdj).toBe(Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8')));
  expect(isolation.limits).toHaveLength(lines(`/proc/${pid}/limits`).length - 1);
  // prlimit(1) asks the kernel another way, which takes CAP_SYS_RESOURCE over the container's user namespace.
  const told = execFileSync(
    'nsenter',
    ['-U', '-t', String(pid), 'prlimit', '-p', String(pid), '-n', '-o', 'SOFT,HARD', '--noheadings'],
    { encoding: 'utf8' },
  );
  const files = isolation.limits.find(({ name }) => name === 'Max open files');
  expect([files?.soft, files?.hard].map((value) => value ?? 'unlimited')).toEqual(told.trim().split(/\s+/));
});

test('mounts are those of mountinfo, by name as the container has them', () => {
  expect(isolation.mounts).toHaveLength(lines(`/proc/${pid}/mountinfo`).length);
  expect(isolation.mounts.find(({ mountPoint }) => mountPoint === '/')?.fsType).toBe('overlay');
  expect(isolation.mounts.find(({ mountPoint }) => mountPoint === '/proc')).toMatchObject({ fsType: 'proc' });
});

test.skipIf(NSENTER === undefined)('what the container sees is what a process inside is told', async () => {
  const { sees } = isolation;
  expect(sees.hostname).toEqual({ container: inside('hostname').trim(), host: hostname() });
  expect(sees.pid).toEqual({ container: 1, host: pid });
  expect(sees.user.host).toEqual({
    uid: Number(statusOf(pid, 'Uid')?.split('\t')[1]),
    gid: Number(statusOf(pid, 'Gid')?.split('\t')[1]),
  });
  expect(sees.user.container).toEqual({ uid: 0, gid: 0 });
  expect(sees.processes.container).toBe(3);
  expect(sees.processes.host).toBeGreaterThan(sees.processes.container);
  expect(sees.mounts.container.count).toBe(isolation.mounts.length);
  const devices = (path: string) =>
    lines(path)
      .slice(2)
      .map((line) => line.split(':')[0]?.trim());
  expect(sees.network.container.interfaces).toEqual(devices(`/proc/${pid}/net/dev`));
  expect(sees.network.container.addresses).toContain('127.0.0.1');
  // Other programs of this host mount file systems and make interfaces.
  const ofHost = () => ({ mounts: lines('/proc/self/mountinfo').length, interfaces: devices('/proc/self/net/dev') });
  const { host, told } = await until('the host has stood still', async () => {
    const before = ofHost();
    const { sees: now } = await client.command('container.isolation', { container: 'seen' });
    return isDeepStrictEqual(ofHost(), before) ? { host: before, told: now } : null;
  });
  expect(told.mounts.host.count).toBe(host.mounts);
  expect(told.network.host.interfaces).toEqual(expect.arrayContaining(host.interfaces));
  // Both were read together; what passed since lies between the two readings here.
  const uptime = Number(inside('cat', '/proc/uptime').split(' ')[0]) * 1000;
  const offset = sees.clocks.container.boottimeMs - sees.clocks.host.boottimeMs;
  const now = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
  expect(Math.abs(uptime - now - offset)).toBeLessThan(5000 * SLOWNESS);
});

test('who goes into a container’s namespace is told of', async () => {
  const stranger = spawn('nsenter', ['-t', String(pid), '-u', 'sh', '-c', 'echo in; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const closed = once(stranger, 'close');
  try {
    await once(stranger.stdout, 'data');
    const { namespaces } = await client.command('container.isolation', { container: 'seen' });
    expect(namespaces.find(({ type }) => type === 'uts')).toMatchObject({ sharedWith: 'others', otherProcesses: 1 });
    expect(namespaces.find(({ type }) => type === 'ipc')).toMatchObject({ otherProcesses: 0 });
  } finally {
    stranger.kill('SIGKILL');
    await closed;
  }
});

test('processes of a namespace that was made inside are seen too', async () => {
  // No pid namespace can be owned by a user namespace outside of its parent's: that one is joined as well.
  const own = isolation.namespaces.some(({ type, sharedWith }) => type === 'user' && sharedWith === 'own');
  const options = ['-t', String(pid), '-p', ...(own ? ['-U'] : [])];
  const nested = spawn('nsenter', [...options, 'unshare', '-f', '-p', 'sh', '-c', 'echo in; read end'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(nested, 'close');
  try {
    await once(nested.stdout, 'data');
    const { sees } = await client.command('container.isolation', { container: 'seen' });
    // nsenter's child, which is unshare, and what that forked.
    expect(sees.processes.container).toBe(isolation.sees.processes.container + 2);
    expect(sees.processes.container).toBe(namesIn(pid));
  } finally {
    // By itself, so that each is reaped by its parent: the container's first process would not do it.
    nested.stdin.end('\n');
    await closed;
  }
});

describe('the namespaces of the host', () => {
  test.skipIf(LSNS === undefined)('are those that lsns lists', async () => {
    await start('neighbour', ['sleep', 'infinity']);
    const columns = ['-J', '-o', 'NS,TYPE,NPROCS,PID'];
    // Others come and go on this host: compared is what stood still meanwhile.
    const list = () =>
      (JSON.parse(execFileSync(LSNS ?? '', columns, { encoding: 'utf8' })) as { namespaces: Record<string, unknown>[] })
        .namespaces;
    const before = new Set(list().map((row) => JSON.stringify(row)));
    const { namespaces } = await client.command('kernel.namespaces', {});
    const stable = list().filter((row) => before.has(JSON.stringify(row)));
    const ours = new Map(namespaces.map((namespace) => [namespace.inode, namespace]));
    const compared = stable.filter(({ ns }) => ours.get(Number(ns))?.isHost === false);
    expect(compared.length).toBeGreaterThanOrEqual(
      2 * isolation.namespaces.filter(({ sharedWith }) => sharedWith === 'own').length,
    );
    for (const { ns, type, nprocs, pid: first } of compared) {
      const own = ours.get(Number(ns));
      expect({ type: FILES[own?.type ?? 'uts'], first: own?.first.pid }).toEqual({ type, first: Number(first) });
      // In the namespaces of other programs, processes come and go between two equal lists.
      if (own?.containers.length !== 0) expect(own?.processes).toBe(Number(nprocs));
    }
    for (const { sharedWith, inode } of isolation.namespaces) {
      const containers = ours.get(inode)?.containers.map(({ name }) => name);
      expect(containers?.includes('seen'), `${inode}`).toBe(true);
      expect(containers?.includes('neighbour')).toBe(sharedWith === 'host');
    }
  });

  test('of many processes are walked without holding the agent up', async () => {
    const script = 'i=0; while [ $i -lt 500 ]; do sleep 600 & i=$((i+1)); done; echo there; wait';
    const crowd = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    try {
      await once(crowd.stdout, 'data');
      // On a busy host a walk can end before this process has sent two requests.
      const { processes } = await until('others are answered while it walks', async () => {
        const done = new AbortController();
        const walking = client.command('kernel.namespaces', {}).finally(() => done.abort());
        let answers = 0;
        while (!done.signal.aborted) {
          await client.command('container.inspect', { container: 'seen' });
          answers += 1;
          await delay(1);
        }
        const walked = await walking;
        // A blocked agent would answer only the first of them, after the walk.
        return answers > 1 ? walked : null;
      });
      expect(processes).toBeGreaterThan(500);
    } finally {
      const closed = once(crowd, 'close');
      process.kill(-(crowd.pid ?? 0), 'SIGKILL');
      await closed;
    }
  });
});

test('a frozen container can be looked at, an ended one cannot, and is told so', async () => {
  await client.command('container.freeze', { container: 'seen' });
  await expect(client.command('container.isolation', { container: 'seen' })).resolves.toMatchObject({
    pid,
    namespaces: isolation.namespaces,
    sees: { hostname: isolation.sees.hostname },
  });
  await client.command('container.run', { name: 'gone', command: ['true'] });
  await until(
    'it has ended',
    async () => (await client.command('container.inspect', { container: 'gone' })).state.status === 'exited',
  );
  await expect(client.command('container.isolation', { container: 'gone' })).rejects.toMatchObject({
    code: 'wrong-state',
    message: 'container "gone" has no living process: it is exited',
  });
});
