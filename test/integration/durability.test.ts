// @module-tag kernel
// @module-tag quiet

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { Cgroup } from '@plimsoll/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ContainerRecord } from '../../apps/agent/src/supervisor/protocol.ts';
import { counted, COUNTING, expectComplete, untilLogged } from '../support/counting.ts';
import { cpuUsageNs } from '../support/kernel-files.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { until, untilStill } from '../support/until.ts';
import { randomFrom } from '../support/random.ts';
import { cgroupsNamed } from '../support/named-cgroups.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { processesOf } from '../support/snapshot.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

/** Kills in the middle of starts: where a start takes seconds, fewer. */
const ROUNDS = SLOWNESS > 1 ? 3 : 10;
/** Before a test gives up waiting for what may go unseen. */
const MOST_STARTS = 100;
const BURNING = ['/bin/sh', '-c', 'while :; do :; done'];

/** PIDFD_GET_INFO (Linux 6.15): before it the kernel tells its parent alone how a process ended. */
const [major = 0, minor = 0] = release().split('.').map(Number);
const TELLS_STRANGERS = major > 6 || (major === 6 && minor >= 15);

/** How an adopted container ended, or null where the kernel does not tell and init has been first. */
const told = (how: number | string): unknown => (TELLS_STRANGERS ? how : expect.toBeOneOf([how, null]));

let world: World;
afterEach(async () => await world[Symbol.asyncDispose]());

function usageOf({ cgroup }: ContainerRecord): bigint {
  return cpuUsageNs(new Cgroup(HOST_LAYOUT, cgroup));
}

function pidOf({ state }: ContainerRecord): number {
  if (!('pid' in state)) throw new Error(`it is ${state.status}`);
  return state.pid;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

/** By proc_pid_stat(5). */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number(readIfThere(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ')[1]) === parent);
}

const ask = async (verb: 'kill' | 'freeze' | 'thaw' | 'wait', { id }: ContainerRecord) =>
  await world.link.request(verb, { id }, REQUEST_DEADLINE_MS);

describe('a supervisor that is killed', () => {
  beforeEach(async () => void (world = await World.make({ agent: false })));

  async function replaceSupervisor(meanwhile: () => unknown = () => {}): Promise<void> {
    await world.end('supervisor', 'SIGKILL');
    await meanwhile();
    await world.startSupervisor();
  }

  /**
   * Stops its first process, and resolves when all that it has written is in its log: what the supervisor has read of it and
   * not yet written when it is killed is lost.
   */
  async function holdStill(container: ContainerRecord): Promise<void> {
    process.kill(pidOf(container), 'SIGSTOP');
    await until('it is stopped', () => /^State:\tT/m.test(readFileSync(`/proc/${pidOf(container)}/status`, 'latin1')));
    // By the second answer it has been through all that there was to read before the first.
    for (let answers = 0; answers < 2; answers++) await world.record(container.id);
  }

  const letGo = (container: ContainerRecord): void => void process.kill(pidOf(container), 'SIGCONT');

  test('leaves containers running; the next one adopts them, and every verb works', async () => {
    const [counting, frozen, asked] = await Promise.all([
      world.run(COUNTING),
      world.run(BURNING),
      world.run(['sleep', 'infinity']),
    ]);
    await ask('freeze', frozen);
    await untilLogged(world, counting.id, 20);
    await holdStill(counting);
    await replaceSupervisor(() => letGo(counting));

    expect((await world.record(counting.id))?.state).toEqual(counting.state);
    expect((await world.record(frozen.id))?.state).toMatchObject({ status: 'frozen', pid: pidOf(frozen) });
    await untilLogged(world, counting.id, Math.max(...counted(world, counting.id)) + 20);
    expect((await ask('thaw', frozen)).state).toMatchObject({ status: 'running' });
    expect((await ask('freeze', frozen)).state).toMatchObject({ status: 'frozen' });
    for (const one of [counting, frozen]) {
      expect((await ask('kill', one)).state).toMatchObject({ status: 'exited', exitCode: told(137), signal: told('SIGKILL') });
    }
    // Process 1 of a pid namespace takes no SIGTERM that it has no handler for: the kill comes after the grace time.
    const stopped = await world.link.request('stop', { id: asked.id, graceMs: 50 }, REQUEST_DEADLINE_MS);
    expect(stopped.state).toMatchObject({ status: 'exited', exitCode: told(137) });
    expectComplete(counted(world, counting.id));
    expect(BigInt(stopped.lastExit?.cpuUsageNs ?? 0)).toBeGreaterThan(0n);
  });

  test('loses no line that is written while none is there', async () => {
    const container = await world.run(COUNTING);
    await untilLogged(world, container.id, 5);
    const usage = usageOf(container);
    await holdStill(container);
    await replaceSupervisor(async () => {
      letGo(container);
      await until('it goes on', () => usageOf(container) > usage + 20_000_000n);
    });
    await ask('kill', container);
    expectComplete(counted(world, container.id));
  });

  test.runIf(TELLS_STRANGERS)('is told by the kernel how an adopted container ended', async () => {
    const container = await world.run(['/bin/sh', '-c', 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done']);
    await until('it is ready', () => world.log(container.id).includes('ready'));
    await replaceSupervisor();
    const { state } = await world.link.request('stop', { id: container.id, graceMs: 10_000 }, REQUEST_DEADLINE_MS);
    expect(state).toMatchObject({ status: 'exited', exitCode: 9, signal: null });
  });

  test('misses an exit, and the next one records it with its last counters', async () => {
    const container = await world.run(BURNING);
    let usage = 0n;
    await replaceSupervisor(async () => {
      process.kill(pidOf(container), 'SIGKILL');
      await until('it has ended', () => !processesOf(0, world.state.cgroup).some(({ pid }) => pid === pidOf(container)));
      // It is told ended some microseconds before it leaves the cpu.
      usage = await untilStill('its cpu time', () => usageOf(container));
    });
    const record = await world.record(container.id);
    // The kernel still tells how, where init has not reaped it yet.
    expect(record?.state).toMatchObject({ status: 'exited', startedAt: expect.any(String) });
    expect(record?.lastExit?.cpuUsageNs).toBe(String(usage));
    expect(cgroupsNamed(world.state.cgroup).filter((path) => path.endsWith(container.id))).toEqual([]);
  });

  test('leaves a journal that may end in the middle of a line', async () => {
    const [kept, removed] = [await world.run(['true']), await world.run(['true'])];
    await Promise.all([ask('wait', kept), ask('wait', removed)]);
    await world.link.request('remove', { id: removed.id, force: false }, REQUEST_DEADLINE_MS);
    const journal = join(world.state.lib, 'journal.jsonl');
    await replaceSupervisor(() => {
      const bytes = readFileSync(journal);
      bytes.write(`01234567 0 {"kind":"created","id":"${'0'.repeat(16)}","defin`, bytes.indexOf(0), 'latin1');
      writeFileSync(journal, bytes);
    });
    expect((await world.record(kept.id))?.state).toMatchObject({ status: 'exited', exitCode: 0 });
    expect(await world.record(removed.id)).toBeUndefined();
    expect(readdirSync(world.state.lib).filter((name) => name.includes('damaged'))).toEqual([]);
  });

  test('leaves nobody who keeps its socket open, though it was making user namespaces ahead', async ({ skip }) => {
    const pid = world.supervisor?.pid ?? 0;
    const isHolder = (child: number) => readIfThere(`/proc/${child}/comm`) === 'plimsoll-userns\n';
    let holders: number[] = [];
    // It lives for a millisecond, some time after each start: one look in between may miss it.
    for (let starts = 0; holders.length === 0; starts++) {
      if (starts === MOST_STARTS) skip('none was seen');
      await world.run(['true']);
      const end = performance.now() + 200 * SLOWNESS;
      for (; holders.length === 0 && performance.now() < end; await setImmediate()) {
        holders = childrenOf(pid).filter(isHolder);
      }
    }
    await replaceSupervisor();
    await expect.poll(() => holders.filter(isHolder)).toEqual([]);
  });

  test('can be killed at any moment of a start', async () => {
    const random = randomFrom(20_261_124);
    const alive = new Set(['running', 'frozen']);
    const sleeping = await world.define({ command: ['sleep', 'infinity'] });
    for (let round = 0; round < ROUNDS; round++) {
      const runs = await Promise.all(
        [1, 2, 3, 4, 5].map(async () => await world.define({ command: sleeping.config.process.args })),
      );
      const started = runs.map(
        async (definition) => await world.link.request('run', { definition }, REQUEST_DEADLINE_MS).catch(() => {}),
      );
      await delay(random() * 25);
      await replaceSupervisor();
      await Promise.all(started);
      const { records } = await world.link.request('subscribe', {}, REQUEST_DEADLINE_MS);
      const running = records.filter(({ state }) => alive.has(state.status));
      const expected = running.map(({ cgroup }) => cgroup).toSorted();
      const leaves = cgroupsNamed(world.state.cgroup).filter((path) => /\/[0-9a-f]{16}$/.test(path));
      expect([...new Set(leaves.map((path) => path.slice(path.indexOf(world.state.cgroup))))].toSorted()).toEqual(expected);
      const strays = () => {
        const found = processesOf(world.supervisor?.pid ?? 0, world.state.cgroup).filter(({ kind }) => kind === 'other');
        return found.filter(({ pid }) => !running.some((record) => pidOf(record) === pid));
      };
      await expect.poll(strays).toEqual([]);
      for (const { state } of records) expect(['created', 'exited', 'failed', 'running']).toContain(state.status);
      await Promise.all(
        records.map(async ({ id }) => await world.link.request('remove', { id, force: true }, REQUEST_DEADLINE_MS)),
      );
    }
    await expect(world.run(['true'])).resolves.toBeDefined();
  });
});
