// @module-tag kernel-full

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { decodeSamples, EVENTS, GAP, type Samples } from '@plimsoll/protocol';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { ended } from '../support/ended.ts';
import { cpuUsageNs } from '../support/kernel-files.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const INTERVAL_MS = 100;
/** Never held back for long: it has used more cpu time at each look. */
const CPUS = 0.9;
const BURNING = ['/bin/sh', '-c', 'while :; do :; done'];

let world: World;
let client: AgentClient;
let id: string;
let handle: number;
beforeAll(async () => {
  world = await World.make({ agent: false });
  await world.startAgent({ PLIMSOLL_SAMPLE_MS: String(INTERVAL_MS) });
});
afterAll(async () => await world[Symbol.asyncDispose]());

beforeEach(async () => {
  client = await connect(world.state);
  ({ id, handle } = await client.command('container.run', { command: BURNING, limits: { cpus: CPUS } }));
});
afterEach(async () => {
  await client.command('container.remove', { container: id, force: true });
  client[Symbol.dispose]();
});

async function frames(count: number): Promise<Samples[]> {
  const received: Samples[] = [];
  while (received.length < count) received.push(...((await once(client, 'samples')) as [Samples]));
  return received;
}

const rate = ({ handles, columns }: Samples) => columns.cpuCores?.[handles.indexOf(handle)] ?? Number.NaN;

/** Resolves when a frame comes whose rate of this container is such. */
async function untilRate(isSuch: (cores: number) => boolean): Promise<void> {
  await until('the rate is as awaited', async () => (await frames(1)).some((frame) => isSuch(rate(frame))));
}

describe('one container', () => {
  test('has its history first, and then a frame at each interval, each later and with no less cpu time', async () => {
    const readings = ({ columns }: Samples) => [...columns.cpuUsageNs!].filter((value) => value !== GAP);
    // It keeps 600 points of ten minutes: one a second.
    const history = await until('it has a history', async () => {
      const samples = await client.watch({ kind: 'container', container: id });
      return readings(samples).length > 1 ? samples : null;
    });
    expect([...history.handles]).toEqual([handle]);
    expectGrowing([...history.times]);
    const kept = readings(history);
    expectNeverFalling(kept);

    const received = await frames(15);
    expect(received.map(({ handles }) => [...handles])).toEqual(received.map(() => [handle]));
    const times = received.map(({ times }) => times[0]!);
    expectGrowing([history.times.at(-1)! - INTERVAL_MS, ...times]);
    const elapsed = times.at(-1)! - times[0]!;
    expect(elapsed / (times.length - 1)).toBeGreaterThan(0.9 * INTERVAL_MS);
    expect(elapsed / (times.length - 1)).toBeLessThan(10 * INTERVAL_MS);
    const used = [...kept, ...received.map(({ columns }) => columns.cpuUsageNs![0]!)];
    expectNeverFalling(used);
    expect(used.at(-1)).toBeGreaterThan(used[0]!);
    expect(received.at(-1)?.columns.pids?.[0]).toBe(1);
  });

  test('has a cpu rate of 0 while it is frozen', async () => {
    await client.watch({ kind: 'container', container: id });
    await untilRate((cores) => cores > 0);
    await client.command('container.freeze', { container: id });
    // The first frame after it covers time from before it as well.
    await untilRate((cores) => cores === 0);
    const frozen = await frames(5);
    expect(frozen.map(rate)).toEqual([0, 0, 0, 0, 0]);
    expect(new Set(frozen.map(({ columns }) => columns.cpuUsageNs![0]!))).toEqual(new Set([usage()]));
    await client.command('container.thaw', { container: id });
    await untilRate((cores) => cores > 0);
  });
});

describe('the table', () => {
  test('has containers and groups, cpu alone in its history', async () => {
    await until('it has used 100 ms', () => usage() > 100_000_000n);
    const history = await client.watch({ kind: 'table' });
    expect(Object.keys(history.columns)).toEqual(['cpuCores']);
    expect(history.times.length).toBeLessThanOrEqual(120);
    expect([...history.handles]).toContain(handle);
    const [frame] = (await frames(1)) as [Samples];
    const group = client.groups.get('default')!.handle;
    expect(new Set(frame.handles)).toEqual(new Set([group, handle]));
    const [own, whole] = [handle, group].map((row) => frame.columns.cpuUsageNs![frame.handles.indexOf(row)]!);
    // A group's figures are the kernel's own, and have what its members of before used too.
    expect(whole).toBeGreaterThanOrEqual(own!);
  });
});

describe('a client that reads nothing', () => {
  test('gets the newest frame when it reads again, and none that was due meanwhile', async () => {
    const { id: talker } = await client.command('container.run', { command: ['seq', '400000'] });
    await ended(client, talker);
    const slow = rawClient();
    try {
      const times: number[] = [];
      slow.on(EVENTS.samples, (bytes: Uint8Array) => times.push(decodeSamples(new Uint8Array(bytes)).times[0]!));
      await slow.timeout(REQUEST_DEADLINE_MS).emitWithAck(EVENTS.watch, { kind: 'container', container: id });
      await until('it has a frame', () => times.length > 0);
      const { ws } = slow.io.engine.transport as unknown as { ws: { pause: () => void; resume: () => void } };
      ws.pause();
      // More than sockets hold.
      slow.emit(EVENTS.logs, { container: talker, follow: false }, () => {});

      await client.watch({ kind: 'container', container: id });
      const sent = (await frames(40)).map((frame) => frame.times[0]!);
      const [full, last] = [sent[20]!, sent.at(-1)!];
      ws.resume();
      await until('it has a frame of now', () => times.at(-1)! > last);
      expect(times.filter((time) => time > full && time < last).length).toBeLessThanOrEqual(1);
      expectGrowing(times);
    } finally {
      slow.close();
      await client.command('container.remove', { container: talker, force: true });
    }
  });
});

/** A client that can be kept from reading, which AgentClient cannot. */
function rawClient(): Socket {
  const agent = new Agent({ socketPath: world.state.agentSocket } as object) as never;
  const token = readFileSync(world.state.localToken, 'utf8').trim();
  return io('http://plimsoll', { transports: ['websocket'], agent, auth: { token }, reconnection: false, forceNew: true });
}

function usage(): bigint {
  return cpuUsageNs(world.cgroup(`default/${id}`));
}

/** A busy host may give a container nothing in an interval. */
function expectNeverFalling(values: readonly bigint[]): void {
  values.slice(1).forEach((value, i) => expect(value).toBeGreaterThanOrEqual(values[i]!));
}

function expectGrowing(values: readonly number[]): void {
  values.slice(1).forEach((value, i) => expect(value).toBeGreaterThan(values[i]!));
}
