// @module-tag kernel

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Cgroup } from '@plimsoll/core';
import { DEFAULT_PIDS, type ContainerView, type CreateContainerInput, type GroupView } from '@plimsoll/protocol';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { cpuUsageNs, isFrozenNow, memoryLimitBytes, pidsCurrent, pidsLimit, pidsRefused } from '../support/kernel-files.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

const SLEEPING = ['sleep', 'infinity'];
const BURNING = ['/bin/sh', '-c', 'while :; do :; done'];
/** Each that is refused a fork ends, and makes room for another's. */
const FORK_BOMB = ['/bin/sh', '-c', 'bomb() { while :; do bomb & done; }; bomb 2>/dev/null & exec sleep infinity'];
const MEBIBYTE = 1024 * 1024;

let world: World;
let client: AgentClient;
beforeAll(async () => {
  world = await World.shared();
  client = await world.client();
});
afterEach(async () => {
  for (const { path } of await client.command('group.list', {})) {
    if (!path.includes('/')) await client.command('group.remove', { group: path, force: true });
  }
  expect(await client.command('container.list', {})).toEqual([]);
  expect(await client.command('group.list', {})).toEqual([]);
});

const cgroupOf = ({ cgroup }: { cgroup: string }) => new Cgroup(HOST_LAYOUT, cgroup);
const run = async (group: string, more: CreateContainerInput = {}) =>
  await client.command('container.run', { group, command: SLEEPING, ...more });
const inspect = async ({ id }: ContainerView) => await client.command('container.inspect', { container: id });
const group = async (path: string) => (await client.command('group.list', {})).find((one) => one.path === path);

/** Kills the supervisor; resolves when the agent has heard the next one. */
async function newSupervisor(): Promise<void> {
  await world.end('supervisor');
  await world.startSupervisor();
  const { pid } = world.supervisor ?? {};
  await until('the agent has heard it', async () => (await client.command('host.report', {})).supervisorPid === pid);
}

describe('a group', () => {
  test('is made by use, nests, and goes with its last container', async () => {
    const web = await run('acme/web');
    const db = await run('acme/db');
    expect((await client.command('group.list', {})).map(({ path, kept }) => [path, kept])).toEqual([
      ['acme', false],
      ['acme/db', false],
      ['acme/web', false],
    ]);
    await client.command('container.remove', { container: web.id, force: true });
    expect(await group('acme/web')).toBeUndefined();
    await client.command('container.remove', { container: db.id, force: true });
    expect(await group('acme')).toBeUndefined();
  });

  test('that was made stays, with its limits and name, and its limits are the kernel’s for all in it', async () => {
    const made = await client.command('group.create', {
      group: 'acme',
      displayName: 'Acme & Söhne',
      limits: { memoryBytes: 64 * MEBIBYTE, pids: 30 },
    });
    expect(made).toMatchObject({ path: 'acme', displayName: 'Acme & Söhne', kept: true, frozenAt: null, frozenBy: null });
    const cgroup = cgroupOf(made);
    expect([memoryLimitBytes(cgroup), pidsLimit(cgroup)]).toEqual([64 * MEBIBYTE, 30]);
    const bomb = await run('acme/web', { command: FORK_BOMB });
    await until('forks are refused at the group', () => pidsCurrent(cgroup) >= 29);
    await client.command('group.freeze', { group: 'acme' });
    expect(pidsCurrent(cgroup)).toBeLessThanOrEqual(30);
    await client.command('group.thaw', { group: 'acme' });
    await client.command('container.remove', { container: bomb.id, force: true });
    expect(await group('acme')).toMatchObject({ displayName: 'Acme & Söhne' });

    const { group: changed, kernel } = await client.command('group.set', {
      group: 'acme',
      displayName: null,
      limits: { pids: 40, memoryBytes: null },
    });
    expect(changed).toMatchObject({ displayName: null, limits: { pids: 40 } });
    expect(kernel.map(({ reads }) => reads)).toContain('40');
    expect([memoryLimitBytes(cgroup), pidsLimit(cgroup)]).toEqual([null, 40]);
  });

  test('cannot be made twice, removed while it holds something, or found when it is not there', async () => {
    await client.command('group.create', { group: 'acme' });
    await expect(client.command('group.create', { group: 'acme' })).rejects.toMatchObject({ code: 'conflict' });
    await run('acme');
    await expect(client.command('group.remove', { group: 'acme' })).rejects.toMatchObject({
      code: 'wrong-state',
      message: 'group "acme" holds 1 container',
    });
    for (const verb of ['group.freeze', 'group.thaw', 'group.kill', 'group.remove'] as const) {
      await expect(client.command(verb, { group: 'nobody' })).rejects.toMatchObject({ code: 'not-found' });
    }
    await expect(client.command('group.set', { group: 'nobody', limits: { pids: 1 } })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('whose limits the kernel refuses is not made, and not changed', async () => {
    const impossible = { cpusetCpus: '4000' };
    await expect(client.command('group.create', { group: 'acme', limits: impossible })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await group('acme')).toBeUndefined();
    await client.command('group.create', { group: 'acme', limits: { pids: 9 } });
    await expect(client.command('group.set', { group: 'acme', limits: { pids: 5, ...impossible } })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await group('acme')).toMatchObject({ limits: { pids: 9 } });
    expect(pidsLimit(cgroupOf((await group('acme')) as GroupView))).toBe(9);
    await expect(client.command('group.set', { group: 'acme', limits: { swapBytes: 1 } })).rejects.toMatchObject({
      code: 'bad-request',
    });
  });
});

describe('freezing a group', () => {
  test('freezes all that is in it and below it, which say why, and thaws them again', async () => {
    const members = [await run('acme/web', { command: BURNING }), await run('acme/web'), await run('acme/db')];
    const other = await run('other', { command: BURNING });
    const frozen = await client.command('group.freeze', { group: 'acme' });
    expect(frozen.frozenAt).not.toBeNull();
    expect(await group('acme/web')).toMatchObject({ frozenAt: null, frozenBy: 'acme' });
    for (const member of members) {
      expect(isFrozenNow(cgroupOf(member))).toBe(true);
      expect((await inspect(member)).state).toMatchObject({ status: 'frozen', reasons: [{ by: 'group', group: 'acme' }] });
    }
    expect((await inspect(other)).state.status).toBe('running');
    const before = cpuUsageNs(cgroupOf(other));
    await until('the other one runs on', () => cpuUsageNs(cgroupOf(other)) > before);
    await expect(client.command('group.freeze', { group: 'acme' })).rejects.toMatchObject({ code: 'wrong-state' });

    await client.command('group.thaw', { group: 'acme' });
    for (const member of members) expect((await inspect(member)).state.status).toBe('running');
    expect(isFrozenNow(cgroupOf(members[0] as ContainerView))).toBe(false);
    await expect(client.command('group.thaw', { group: 'acme' })).rejects.toMatchObject({ code: 'wrong-state' });
  });

  test('holds a container that is thawed alone, and leaves one frozen that was frozen before', async () => {
    const one = await run('acme');
    const two = await run('acme');
    await client.command('container.freeze', { container: one.id });
    await client.command('group.freeze', { group: 'acme' });
    expect((await inspect(one)).state).toMatchObject({ reasons: [{ by: 'user' }, { by: 'group', group: 'acme' }] });
    await expect(client.command('container.thaw', { container: two.id })).rejects.toMatchObject({
      code: 'wrong-state',
      message: `cannot thaw container "${two.name}" alone: its group "acme" is frozen, and holds it`,
      hint: expect.stringMatching(/^Thaw the group: `(?:npx )?plimsoll group thaw acme`\.$/) as string,
    });
    // Its own freeze is taken back, and the group's stays.
    expect((await client.command('container.thaw', { container: one.id })).state).toMatchObject({
      reasons: [{ by: 'group', group: 'acme' }],
    });
    expect(isFrozenNow(cgroupOf(one))).toBe(true);
    // And one that is frozen itself as well stays so when the group is thawed.
    expect((await client.command('container.freeze', { container: two.id })).state).toMatchObject({ status: 'frozen' });
    await client.command('group.thaw', { group: 'acme' });
    expect((await inspect(one)).state.status).toBe('running');
    expect((await inspect(two)).state).toMatchObject({ status: 'frozen', reasons: [{ by: 'user' }] });
  });

  test('within a frozen group: each needs its own thaw', async () => {
    const one = await run('acme/web');
    await client.command('group.freeze', { group: 'acme/web' });
    await client.command('group.freeze', { group: 'acme' });
    expect((await client.command('group.thaw', { group: 'acme/web' })).frozenBy).toBe('acme');
    expect(isFrozenNow(cgroupOf(one))).toBe(true);
    await expect(client.command('group.thaw', { group: 'acme/web' })).rejects.toMatchObject({ code: 'wrong-state' });
    await client.command('group.thaw', { group: 'acme' });
    expect((await inspect(one)).state.status).toBe('running');
  });

  test('has a start wait, saying so, until it is thawed', async () => {
    await client.command('group.create', { group: 'acme' });
    await client.command('group.freeze', { group: 'acme' });
    const waiting = await run('acme/web');
    expect(waiting.state).toEqual({ status: 'starting', frozenBy: 'acme' });
    await expect(client.command('container.freeze', { container: waiting.id })).rejects.toMatchObject({
      code: 'wrong-state',
      message: expect.stringContaining('waits to start until its group "acme" is thawed') as string,
    });
    await client.command('group.thaw', { group: 'acme' });
    await until('it has started', async () => (await inspect(waiting)).state.status === 'running');
    expect((await inspect(waiting)).incarnation).toBe(1);
  });

  test('does not keep a start from answering that it catches in the middle', async () => {
    await client.command('group.create', { group: 'acme' });
    for (let round = 0; round < 5; round += 1) {
      const [made] = await Promise.all([run('acme'), client.command('group.freeze', { group: 'acme' })]);
      expect(['starting', 'running', 'frozen']).toContain(made.state.status);
      await client.command('group.thaw', { group: 'acme' });
      await until('it runs', async () => (await inspect(made)).state.status === 'running');
    }
  });

  test('lets a start that waits be given up', async () => {
    await client.command('group.create', { group: 'acme' });
    await client.command('group.freeze', { group: 'acme' });
    const waiting = await run('acme');
    expect((await client.command('container.kill', { container: waiting.id })).state).toMatchObject({
      status: 'failed',
      error: { code: 'start-failed', message: expect.stringContaining('was killed while it waited to start') as string },
    });
    await client.command('group.thaw', { group: 'acme' });
    expect(await inspect(waiting)).toMatchObject({ incarnation: 0, state: { status: 'failed' } });
  });

  test('survives the supervisor, and is known to the next one', async () => {
    const one = await run('acme');
    const waiting = await (async () => {
      await client.command('group.freeze', { group: 'acme' });
      return await run('acme');
    })();
    await newSupervisor();
    expect((await inspect(one)).state).toMatchObject({ status: 'frozen', reasons: [{ by: 'group', group: 'acme' }] });
    expect((await inspect(waiting)).state).toEqual({ status: 'starting', frozenBy: 'acme' });
    await client.command('group.thaw', { group: 'acme' });
    expect((await inspect(one)).state.status).toBe('running');
    await until('the one that waited has started', async () => (await inspect(waiting)).state.status === 'running');
  });
});

describe('killing a group', () => {
  test('ends a fork bomb whole with one kill, frozen or not, and others run on undisturbed', async () => {
    const other = await run('other', { command: BURNING });
    for (const freeze of [false, true]) {
      const bomb = await run('acme/web', { command: FORK_BOMB, limits: { pids: 120, cpus: 0.5 } });
      const beside = await run('acme/db');
      const cgroup = cgroupOf(bomb);
      await until('it has grown as far as it may', () => pidsRefused(cgroup) > 0);
      if (freeze) await client.command('group.freeze', { group: 'acme' });
      const { killed } = await client.command('group.kill', { group: 'acme' });
      expect(killed).toBe(2);
      for (const member of [bomb, beside]) {
        expect((await inspect(member)).state).toMatchObject({ status: 'exited', signal: 'SIGKILL' });
        expect(HOST_LAYOUT.unified !== null && existsSync(`${HOST_LAYOUT.unified}/${member.cgroup}`)).toBe(false);
      }
      if (freeze) await client.command('group.thaw', { group: 'acme' });
    }
    expect((await inspect(other)).state.status).toBe('running');
    const before = cpuUsageNs(cgroupOf(other));
    await until('the other one runs on', () => cpuUsageNs(cgroupOf(other)) > before);
  });

  test('of nothing kills nothing', async () => {
    await client.command('group.create', { group: 'acme' });
    expect((await client.command('group.kill', { group: 'acme' })).killed).toBe(0);
  });
});

describe('changed limits', () => {
  test('of a container are the kernel’s, are kept, and are there at its next start', async () => {
    const { id, cgroup } = await run('acme', { limits: { pids: 20 } });
    const { container, kernel } = await client.command('container.update', {
      container: id,
      limits: { pids: 25, memoryBytes: 32 * MEBIBYTE },
    });
    expect(container.limits).toEqual({ pids: 25, memoryBytes: 32 * MEBIBYTE });
    for (const { file, reads } of kernel) expect(readFileSync(file, 'utf8').trim()).toBe(reads);
    await newSupervisor();
    expect((await client.command('container.inspect', { container: id })).limits).toEqual(container.limits);
    await client.command('container.kill', { container: id });
    const stopped = await client.command('container.update', { container: id, limits: { pids: null } });
    expect(stopped).toMatchObject({ kernel: [], container: { limits: { memoryBytes: 32 * MEBIBYTE } } });
    await client.command('container.start', { container: id });
    expect([pidsLimit(cgroupOf({ cgroup })), memoryLimitBytes(cgroupOf({ cgroup }))]).toEqual([null, 32 * MEBIBYTE]);
  });

  test('that cannot be are refused in words, and change nothing', async () => {
    const one = await run('acme', { limits: { pids: 20 } });
    const wrong = [
      [{ swapBytes: 0 }, 'bad-request', 'a swap limit needs a memory limit'],
      [{ cpusetCpus: '4000' }, 'conflict', 'cannot choose the cpus'],
      [{ io: [{ device: '/dev/null', readBytesPerS: 1 }] }, 'bad-request', '/dev/null is no block device'],
      [{ io: [{ device: '0:9', readBytesPerS: 1 }] }, 'bad-request', '0:9 is no disk'],
      [{ cpus: 0 }, 'bad-request', "the kernel's least cpu limit"],
    ] as const;
    for (const [limits, code, words] of wrong) {
      await expect(
        client.command('container.update', { container: one.id, limits: structuredClone(limits) as object }),
      ).rejects.toMatchObject({
        code,
        message: expect.stringContaining(words) as string,
      });
    }
    expect((await inspect(one)).limits).toEqual({ pids: 20 });
  });
});

test.runIf(HOST_LAYOUT.controllers.get('cpu')?.version === 1)(
  "a cpu limit above the group's is refused with its reason (v1)",
  async () => {
    await client.command('group.create', { group: 'acme', limits: { cpus: 0.5 } });
    await expect(run('acme', { limits: { cpus: 1 } })).rejects.toMatchObject({
      code: 'start-failed',
      message: expect.stringContaining('cannot have a greater cpu limit than the group that it is in') as string,
    });
    const one = await run('acme', { limits: { cpus: 0.5 } });
    await expect(client.command('group.set', { group: 'acme', limits: { cpus: 0.25 } })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(client.command('container.update', { container: one.id, limits: { cpus: 0.75 } })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await inspect(one)).limits).toEqual({ cpus: 0.5, pids: DEFAULT_PIDS });
  },
);

test.runIf(HOST_LAYOUT.unified !== null)(
  'a container frozen past Plimsoll says so when it is told of, and a thaw helps',
  async () => {
    const one = await run('acme');
    writeFileSync(`${HOST_LAYOUT.unified}/${one.cgroup}/cgroup.freeze`, '1');
    await until('it is known', async () => (await inspect(one)).state.status === 'frozen');
    expect((await inspect(one)).state).toMatchObject({ reasons: [{ by: 'outside' }] });
    await client.command('container.thaw', { container: one.id });
    expect((await inspect(one)).state.status).toBe('running');
  },
);
