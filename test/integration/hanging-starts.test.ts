// @module-tag kernel-full

import { Cgroup, commandName, processesIn, statFields } from '@plimsoll/core';
import type { ContainerView, PlimsollError } from '@plimsoll/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

/** Half of the zygotes. */
const SHARE = 4;
/** Starts that wait behind these. */
const MORE = 4;
/** Of a test in which two groups hang, one after the other. */
const LONG_MS = 300_000 * SLOWNESS;

let world: World;
let client: AgentClient;
beforeEach(async () => {
  world = await World.make();
  client = await world.client();
  client.setMaxListeners(100);
});
afterEach(async () => await world[Symbol.asyncDispose]());

/** Stops all that joins its pid namespace, again and again. */
const STOPPER = { name: 'stopper', group: 'bad', command: ['sh', '-c', 'while :; do kill -STOP -1 2>/dev/null; done'] };
const JOINING = { command: ['sleep', 'infinity'], namespaces: { pid: { container: 'stopper' } } };

interface Hanging {
  view: ContainerView;
  /** Its outcome is known. */
  isOver: boolean;
  /** The error, where it did not start. */
  outcome: Promise<PlimsollError | null>;
}

/** Its first process is stopped before it has come to its command. */
function isStuck({ view }: Hanging): boolean {
  const pids = processesIn(new Cgroup(HOST_LAYOUT, view.cgroup));
  return pids.some((pid) => statFields(pid)?.[0] === 'T' && commandName(pid) === 'plimsoll-start');
}

async function begin(group: string): Promise<Hanging> {
  const view = await client.command('container.create', { ...JOINING, group });
  const started = client.command('container.start', { container: view.id });
  const outcome = started.then(() => null).catch((error: unknown) => error as PlimsollError);
  const hanging: Hanging = { view, isOver: false, outcome };
  void outcome.then(() => (hanging.isOver = true));
  return hanging;
}

/**
 * Starts that hang, as many as get a zygote, half of them in each of two groups, and some that wait behind them. A few are quicker than the
 * stop, and on a slow machine some end before the last ones hang: others are begun in their place.
 */
async function hang(): Promise<{ stuck: Hanging[]; waiting: Hanging[] }> {
  await client.command('container.run', STOPPER);
  return await hangIn('bad', SHARE);
}

async function hangIn(group: string, most: number): Promise<{ stuck: Hanging[]; waiting: Hanging[] }> {
  let begun: Hanging[] = [];
  await until('a share of the zygotes hangs', async () => {
    begun = begun.filter(({ isOver }) => !isOver);
    const missing = Array.from({ length: most }, (_, i) => `${group}/below-${i % 2}`);
    for (const { view } of begun) missing.splice(missing.indexOf(view.group), 1);
    begun = [...begun, ...(await Promise.all(missing.map(begin)))];
    return begun.every(isStuck);
  });
  const stuck = begun;
  const waiting: Hanging[] = [];
  for (let i = 0; i < MORE; i++) waiting.push(await begin(group));
  return { stuck, waiting };
}

const wasKilled = { code: 'start-failed', message: expect.stringContaining('was killed while it started') as string };

describe('starts that a container in their pid namespace stops', () => {
  test('leave half of the zygotes to other groups, and end by kill, stop and removal', async () => {
    const { stuck, waiting } = await hang();
    for (let i = 0; i < SHARE; i++) {
      const { state } = await client.command('container.run', { group: 'good', command: ['sleep', 'infinity'] });
      expect(state.status).toBe('running');
    }
    expect(stuck.every(isStuck)).toBe(true);
    const [first, second, third, fourth] = stuck as [Hanging, Hanging, Hanging, Hanging];
    for (const { view, outcome } of [...waiting, first]) {
      const { state } = await client.command('container.kill', { container: view.id });
      expect(state).toMatchObject({ status: 'failed', error: wasKilled });
      expect(await outcome).toMatchObject(wasKilled);
    }
    expect((await client.command('container.stop', { container: second.view.id, graceMs: 0 })).state.status).toBe('failed');
    await client.command('container.remove', { container: third.view.id, force: true });
    await client.command('container.kill', { container: 'stopper' });
    // Its pid namespace has ended, and whatever was stopped in there.
    expect(await fourth.outcome).toMatchObject({ code: 'start-failed' });
    for (const { outcome } of [second, third]) expect(await outcome).toMatchObject(wasKilled);
  });

  test(
    'of two groups leave zygotes to all others',
    async () => {
      const first = await hang();
      const second = await hangIn('worse', SHARE / 2);
      const hanging = [...first.stuck, ...first.waiting, ...second.stuck, ...second.waiting];
      for (const group of ['good', 'better']) {
        const { state } = await client.command('container.run', { group, command: ['sleep', 'infinity'] });
        expect(state.status).toBe('running');
      }
      expect(second.stuck.every(isStuck)).toBe(true);
      for (const group of ['bad', 'worse']) await client.command('group.kill', { group });
      await Promise.all(hanging.map(({ outcome }) => outcome));
    },
    LONG_MS,
  );

  test('refuse what needs them to be over, after a while', async () => {
    const { stuck, waiting } = await hang();
    const [container, queued] = [stuck[0]!.view.id, waiting[0]!.view.id];
    const refused = { code: 'wrong-state', message: expect.stringContaining('its start has not come to its command') as string };
    await Promise.all([
      expect(client.command('container.freeze', { container })).rejects.toMatchObject(refused),
      expect(client.command('container.kill', { container, signal: 'SIGUSR1' })).rejects.toMatchObject(refused),
      expect(client.command('container.update', { container: queued, limits: { pids: 10 } })).rejects.toMatchObject(refused),
    ]);
  });

  test('end after 30 s, which a freeze does not count for', async () => {
    const { stuck, waiting } = await hang();
    const { view, outcome } = stuck[0]!;
    const [frozen, others] = [view.group, stuck.filter((one) => one.view.group !== view.group)];
    await client.command('group.freeze', { group: frozen });
    expect(others).toHaveLength(SHARE / 2);
    for (const other of others) {
      expect(await other.outcome).toMatchObject({
        code: 'start-timeout',
        message: expect.stringContaining('within 30 s') as string,
      });
    }
    expect((await client.command('container.inspect', { container: view.id })).state).toEqual({
      status: 'starting',
      frozenBy: frozen,
    });
    // The one that is held answered its client, as one that waits for a thaw does.
    expect(await outcome).toBeNull();
    await client.command('group.kill', { group: 'bad' });
    await Promise.all(waiting.map((one) => one.outcome));
  });

  test('end with their group', async () => {
    const { stuck, waiting } = await hang();
    await client.command('group.remove', { group: 'bad', force: true });
    for (const { outcome } of [...stuck, ...waiting]) expect(await outcome).not.toBeNull();
  });

  test('end with a supervisor that is killed, and do not keep the next one from starting', async () => {
    const { stuck } = await hang();
    await world.end('supervisor', 'SIGKILL');
    await world.startSupervisor();
    for (const { view } of stuck) {
      expect((await world.record(view.id))?.state.status).not.toBe('running');
      await until('it has ended', () => processesIn(new Cgroup(HOST_LAYOUT, view.cgroup)).length === 0);
    }
  });

  test('end with the shutdown of the supervisor', async () => {
    await hang();
    expect((await world.plimsoll('shutdown')).code).toBe(0);
  });
});
