// @module-tag kernel

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NamespaceType } from '@plimsoll/core';
import type {
  ContainerRecord,
  SupervisorArgs,
  SupervisorResult,
  SupervisorVerb,
} from '../../apps/agent/src/supervisor/protocol.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAsBefore } from '../support/snapshot.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const SLEEP = ['sleep', 'infinity'];

let world: World;
beforeAll(async () => void (world = await World.make({ agent: false })));
afterAll(async () => await world[Symbol.asyncDispose]());

async function request<V extends SupervisorVerb>(verb: V, args: SupervisorArgs<V>): Promise<SupervisorResult<V>> {
  return await world.link.request(verb, args, REQUEST_DEADLINE_MS);
}

function pidOf({ state }: ContainerRecord): number {
  if (!('pid' in state)) throw new Error(`it is ${state.status}`);
  return state.pid;
}

/** First host id, and how many, as the kernel has them. */
function idsOf(record: ContainerRecord): number[] {
  const [map] = ['uid_map', 'gid_map'].map((file) =>
    readFileSync(`/proc/${pidOf(record)}/${file}`, 'utf8')
      .trim()
      .split(/\s+/),
  );
  expect(
    readFileSync(`/proc/${pidOf(record)}/gid_map`, 'utf8')
      .trim()
      .split(/\s+/),
  ).toEqual(map);
  return (map ?? []).map(Number);
}

const namespace = (record: ContainerRecord, file: string) => readlinkSync(`/proc/${pidOf(record)}/ns/${file}`);

/** The first process enters its time namespace within its exec, shortly after its start has resolved. */
async function untilInTime(record: ContainerRecord): Promise<void> {
  const host = readlinkSync('/proc/self/ns/time');
  await until('it is in its time namespace', () => namespace(record, 'time') !== host);
}

/** Made, and started, with namespaces of others. */
async function share(sharing: Partial<Record<NamespaceType, string>>, command = SLEEP): Promise<ContainerRecord> {
  const definition = await world.define({ command });
  const linux = (definition.config as unknown as { linux: { namespaces: { type: NamespaceType }[] } }).linux;
  linux.namespaces = linux.namespaces.filter(({ type }) => sharing[type] === undefined);
  const config = { ...definition.config, linux, ...(sharing.uts !== undefined && { hostname: undefined }) };
  return await request('run', {
    definition: { ...definition, sharing, config: JSON.parse(JSON.stringify(config)) as typeof config },
  });
}

const remove = async (...records: ContainerRecord[]) => {
  for (const { id } of records) await request('remove', { id, force: true });
};

describe('host ids', () => {
  test('each container has 65,536 that are nobody else’s, and its processes and files are theirs', async () => {
    const [a, b] = [await world.run(SLEEP), await world.run(SLEEP)];
    const [first, second] = [idsOf(a), idsOf(b)];
    for (const [inside, outside, count] of [first, second]) {
      expect(inside).toBe(0);
      expect(outside).toBeGreaterThanOrEqual(1_048_576_000);
      expect((outside ?? 0) % 65_536).toBe(0);
      expect(count).toBe(65_536);
    }
    expect(first[1]).not.toBe(second[1]);
    expect(statSync(`/proc/${pidOf(a)}`).uid).toBe(first[1]);
    expect(statSync(join(world.state.lib, 'containers', a.id, 'upper')).uid).toBe(first[1]);
    await remove(a, b);
  });

  test('a container keeps its own over a kill -9 of the supervisor and a start anew', async () => {
    const before = await world.run(SLEEP);
    const ids = idsOf(before);
    await world.end('supervisor');
    await world.startSupervisor();
    const adopted = await world.record(before.id);
    expect(adopted?.state.status).toBe('running');
    await request('kill', { id: before.id });
    const again = await request('start', { id: before.id });
    expect(idsOf(again)).toEqual(ids);
    const other = await world.run(SLEEP);
    expect(idsOf(other)).not.toEqual(ids);
    await remove(again, other);
  });
});

describe('sharing', () => {
  test.each<[type: NamespaceType, file: string]>([
    ['network', 'net'],
    ['pid', 'pid'],
    ['ipc', 'ipc'],
    ['uts', 'uts'],
    ['cgroup', 'cgroup'],
    ['time', 'time'],
  ])('the %s namespace, and the user namespace with it', async (type, file) => {
    const a = await world.run(SLEEP);
    await untilInTime(a);
    const b = await share({ [type]: a.id, user: a.id });
    expect(namespace(b, file)).toBe(namespace(a, file));
    expect(namespace(b, 'user')).toBe(namespace(a, 'user'));
    expect(namespace(b, 'mnt')).not.toBe(namespace(a, 'mnt'));
    expect(idsOf(b)).toEqual(idsOf(a));
    await remove(b, a);
  });

  test('ids that two share are not given to a third while one of them is there', async () => {
    const a = await world.run(SLEEP);
    const ids = idsOf(a);
    const b = await share({ user: a.id });
    await remove(a);
    expect(idsOf(b)).toEqual(ids);
    const others = await Promise.all(Array.from({ length: 12 }, async () => await world.run(SLEEP)));
    for (const other of others) expect(idsOf(other)).not.toEqual(ids);
    await remove(b, ...others);
  });

  test('with one that does not run is refused, saying so, and leaves nothing', async () => {
    const a = await world.run(SLEEP, { name: 'ended' });
    await request('kill', { id: a.id });
    const before = await world.settledSnapshot();
    await expect(share({ network: a.id, user: a.id })).rejects.toMatchObject({
      code: 'wrong-state',
      message: expect.stringMatching(/shares a namespace of container "ended", which does not run/) as string,
    });
    await expectAsBefore(world.place, before);
    await remove(a);
  });

  test('what the kernel would refuse in the middle is refused before', async () => {
    const [a, b] = [await world.run(SLEEP), await world.run(SLEEP)];
    await expect(share({ pid: a.id })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringMatching(/pid namespace/) as string,
    });
    await expect(share({ network: a.id, user: b.id })).rejects.toMatchObject({
      message: expect.stringMatching(/joins the network namespace of ".+", and not its user namespace/) as string,
    });
    await remove(a, b);
  });
});

test('where files cannot be shown by other ids a container runs in the host’s user namespace, and says why', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'plim-ramfs-'));
  execFileSync('mount', ['-t', 'ramfs', 'ramfs', directory]);
  try {
    await using other = await World.make({ agent: false, below: directory });
    const record = await other.run(SLEEP);
    expect(record.fallback).toMatch(/^the file system of .+ cannot show its files by other ids .+ host's user namespace$/);
    expect(readlinkSync(`/proc/${pidOf(record)}/ns/user`)).toBe(readlinkSync('/proc/self/ns/user'));
    await untilInTime(record);
    await other.link.request('remove', { id: record.id, force: true }, REQUEST_DEADLINE_MS);
  } finally {
    // Zygotes of the supervisor that was killed may hold its log for a moment.
    execFileSync('umount', ['--lazy', directory]);
    rmSync(directory, { recursive: true });
  }
});
