import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Alert, HostReport } from '@plimsoll/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { allocate, SmallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

const MEBIBYTE = 1024 * 1024;
const SIZE = 1024 * MEBIBYTE;
/** Far from full, where the containers of these tests would end Plimsoll. */
const HALF = { PLIMSOLL_DISK_LOW: '60' };
/** Several looks of the agent long. */
const STEPS = 24;
const STEP_MS = 400;
/** In steps of 1 MiB, without an end. */
const growing = (name: string, pause: string) => ({
  name,
  command: ['sh', '-c', `i=0; while :; do fallocate -l 1M /$i 2>/dev/null || :; i=$((i + 1)); sleep ${pause}; done`],
});

let disk: SmallDisk;
let world: World;
let client: AgentClient;
const probe = SmallDisk.make(16 * MEBIBYTE);
probe?.[Symbol.dispose]();

beforeEach(async ({ skip }) => {
  if (probe === null) skip('this host mounts no loop devices');
  const made = SmallDisk.make(SIZE);
  if (made === null) throw new Error('the disk cannot be made');
  disk = made;
  world = await World.make({ agent: false, below: disk.path });
});
afterEach(async () => {
  client?.[Symbol.dispose]();
  await world?.[Symbol.asyncDispose]();
  disk?.[Symbol.dispose]();
});

async function startAgent(environment: NodeJS.ProcessEnv = {}): Promise<void> {
  client?.[Symbol.dispose]();
  await world.startAgent(environment);
  client = await connect(world.state);
}

/** A file of ours, with which about this share is used. */
const fillTo = (wanted: number, name = 'ballast') => {
  const { blocks, bfree, bavail, bsize } = statfsSync(disk.path);
  const used = blocks - bfree;
  allocate(join(disk.path, name), Math.floor(wanted * (used + bavail) - used) * bsize);
};
const makeRoom = (name = 'ballast') => rmSync(join(disk.path, name));

const diskOf = ({ disks }: HostReport) => disks.find(({ path }) => path === disk.path);
const diskAlerts = async (): Promise<Alert[]> => {
  const { alerts } = await client.command('alert.list', {});
  return alerts.filter(({ cause }) => cause.kind === 'disk');
};
const levelOfAlert = async () => {
  const [alert] = await diskAlerts();
  return alert?.cause.kind === 'disk' ? alert.cause.level : null;
};
const eventsOf = async (family: string) => {
  const { events } = await client.command('event.list', { kinds: [family] });
  return events.toReversed();
};

describe('a file system that fills up', () => {
  test('is an event and one alert until there is room again, also over the end of an agent', async () => {
    await startAgent();
    const before = diskOf(await client.command('host.report', {}));
    expect(before).toMatchObject({ type: 'ext4', holds: ['lib', 'run', 'images', 'volumes'], level: 'ok', writers: [] });
    fillTo(0.93);
    await until('it fires', async () => (await diskAlerts()).length === 1);
    const [alert] = await diskAlerts();
    expect(alert).toMatchObject({
      subject: { kind: 'disk', id: disk.path },
      cause: { kind: 'disk', level: 'low' },
      until: null,
    });
    expect((await world.plimsoll('info')).stdout).toMatch(
      /disk +nearly full: .*\(ext4, lib, run, images, volumes\): \d+ MiB of \d+ MiB used/,
    );
    expect((await world.plimsoll('alert', 'ls')).stdout).toMatch(
      /fires +disk space +.* disk nearly full: \d+ MiB of \d+ MiB used/,
    );

    await world.end('agent');
    await startAgent();
    await until('it has looked', async () => diskOf(await client.command('host.report', {}))?.level === 'low');
    expect((await diskAlerts()).map(({ id, until: end }) => [id, end])).toEqual([[alert?.id, null]]);

    fillTo(0.99, 'more');
    await until('it is full', async () => (await levelOfAlert()) === 'full');
    makeRoom();
    makeRoom('more');
    await until('it is over', async () => (await diskAlerts())[0]?.until !== null);
    expect((await diskAlerts()).map(({ id, ending }) => [id, ending])).toEqual([[alert?.id, 'below']]);
    await until('the log has it', async () => (await eventsOf('disk')).length === 3);
    expect((await eventsOf('disk')).map(({ kind, subject, id }) => [kind, subject, id])).toEqual([
      ['disk.low', 'disk', disk.path],
      ['disk.full', 'disk', disk.path],
      ['disk.recovered', 'disk', disk.path],
    ]);
    expect((await eventsOf('alert')).map(({ kind }) => kind)).toEqual(['alert.fired', 'alert.resolved']);
  });

  test('names the containers that grow, the fastest first', async () => {
    await startAgent(HALF);
    for (const request of [growing('slow', '0.8'), growing('fast', '0.1')]) await client.command('container.run', request);
    await client.command('container.run', { name: 'quiet', command: ['sleep', 'infinity'] });
    fillTo(0.58);
    await until('it fires', async () => (await diskAlerts()).length === 1);
    const [event] = await until('the log has it', async () => {
      const found = await eventsOf('disk');
      return found.length > 0 && found;
    });
    const { writers } = event?.detail ?? {};
    const names = (writers as { name: string }[]).map(({ name }) => name);
    expect(names[0]).toBe('fast');
    expect(names).not.toContain('quiet');
    makeRoom();
  });
});

describe('a container that logs', () => {
  test('is not frozen where another program fills the file system', async () => {
    await startAgent({ ...HALF, PLIMSOLL_DISK_FREEZE: '60%' });
    const script = 'text=$(printf %01000d 0); while :; do echo $text; sleep 0.05; done';
    const { id } = await client.command('container.run', { name: 'chatty', command: ['sh', '-c', script] });
    fillTo(0.61);
    for (let i = 0; i < STEPS; i++) {
      allocate(join(disk.path, `step-${i}`), 4 * MEBIBYTE);
      await delay(STEP_MS);
    }
    // It was measured.
    await until('it is known to write', async () => {
      const { writers = [] } = diskOf(await client.command('host.report', {})) ?? {};
      return writers.some((writer) => writer.id === id);
    });
    expect((await client.command('container.inspect', { container: id })).state.status).toBe('running');
  });
});

describe('the container that fills a file system', () => {
  test('is frozen where the settings say so, with the reason, and can be thawed', async () => {
    await startAgent({ ...HALF, PLIMSOLL_DISK_FREEZE: '60%' });
    for (const request of [growing('slow', '2'), growing('fast', '0.1')]) await client.command('container.run', request);
    fillTo(0.61);
    const frozen = await until('it is frozen', async () => {
      const { state } = await client.command('container.inspect', { container: 'fast' });
      return state.status === 'frozen' && state;
    });
    expect(frozen.reasons).toEqual([{ by: 'disk', fileSystem: disk.path }]);
    expect((await world.plimsoll('ps')).stdout).toMatch(/fast +frozen .*because .* is nearly full/);
    const [first] = await until('the log has it', async () => {
      const found = await eventsOf('container.frozen');
      return found.length > 0 && found;
    });
    expect(first).toMatchObject({ name: 'fast', detail: { reasons: [{ by: 'disk', fileSystem: disk.path }] } });

    await world.end('supervisor');
    await world.startSupervisor();
    await until('its reason is known', async () => {
      const { state } = await client.command('container.inspect', { container: 'fast' });
      return state.status === 'frozen' && state.reasons[0]?.by === 'disk';
    });

    makeRoom();
    await until('it has looked', async () => diskOf(await client.command('host.report', {}))?.level === 'ok');
    const thawed = await client.command('container.thaw', { container: 'fast' });
    expect(thawed.state.status).toBe('running');
  });

  test('is left alone otherwise', async () => {
    await startAgent(HALF);
    await client.command('container.run', growing('fast', '0.5'));
    fillTo(0.61);
    await until('it fires', async () => (await diskAlerts()).length === 1);
    await until('it has looked', async () => (diskOf(await client.command('host.report', {}))?.writers.length ?? 0) > 0);
    expect((await client.command('container.inspect', { container: 'fast' })).state.status).toBe('running');
    makeRoom();
  });
});
