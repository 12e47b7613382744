// @module-tag kernel-full

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CreateContainerInput } from '@plimsoll/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ContainerRecord } from '../../apps/agent/src/supervisor/protocol.ts';
import { FULL } from '../support/full.ts';
import { journalEntries } from '../support/journal.ts';
import { keepersOf } from '../support/keepers.ts';
import { ledgerProblems, ledgerRows } from '../support/ledger.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

/** PIDFD_GET_INFO (Linux 6.15): before it only the parent can read an exit status. */
const [major = 0, minor = 0] = release().split('.').map(Number);
const HAS_EXIT_INFO = major > 6 || (major === 6 && minor >= 15);

const SUPERVISOR = join(import.meta.dirname, '../../apps/agent/src/supervisor/main.ts');

/** Between the ends and the next supervisor: far more than the tolerance of their times. */
const AWAY_MS = 2000;
const TOLERANCE_MS = 100 * SLOWNESS;

const KILLS = FULL ? 10 : 3;
const CONTAINERS = FULL ? 200 : 60;
const AT_ONCE = 5;

interface Exit {
  kind: string;
  id: string;
  incarnation: number;
  exitCode: number | null;
  signal: string | null;
  startedAt: string;
  exitedAt: string;
  startedMonotonicNs: string;
  exitedMonotonicNs: string;
  counters: { cpuUsageNs: string } | null;
}

let world: World;
afterEach(async () => {
  const { run } = world.state;
  await world[Symbol.asyncDispose]();
  expect(keepersOf(run)).toEqual([]);
});

function pidOf({ state }: ContainerRecord): number {
  if (!('pid' in state)) throw new Error(`it is ${state.status}`);
  return state.pid;
}

/** Of the clock that never steps. */
function clockAheadMs(): number {
  return Date.now() - performance.now();
}

function hasEnded(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/, ''));
  } catch {
    return true;
  }
}

function journal(kind: string): Exit[] {
  return journalEntries<Exit>(world.state.lib).filter((entry) => entry.kind === kind);
}

/** Its keeper, which there is one of. */
function keeper(): number {
  const pids = keepersOf(world.state.run);
  expect(pids).toHaveLength(1);
  return pids[0] ?? 0;
}

async function stateOf({ id }: ContainerRecord): Promise<ContainerRecord['state'] | undefined> {
  return (await world.record(id))?.state;
}

/** A container that does this on SIGTERM. */
async function onTerm(action: string, request: CreateContainerInput = {}): Promise<ContainerRecord> {
  const script = `trap '${action}' TERM; echo ready; while :; do sleep 0.02; done`;
  const container = await world.run(['/bin/sh', '-c', script], request);
  await until('it is ready', () => world.log(container.id).includes('ready'));
  return container;
}

const OF_THE_HOST: CreateContainerInput = { namespaces: { user: 'host', pid: 'host' } };
const ENDS: { action: string; request?: CreateContainerInput; exitCode: number; signal: string | null; oomKilled?: boolean }[] = [
  { action: 'exit 0', exitCode: 0, signal: null },
  { action: 'exit 3', exitCode: 3, signal: null },
  // In a pid namespace of its own it is process 1, which ignores its own signals (pid_namespaces(7)).
  { action: 'kill -KILL $$', request: OF_THE_HOST, exitCode: 137, signal: 'SIGKILL' },
  { action: 'kill -SEGV $$', request: OF_THE_HOST, exitCode: 139, signal: 'SIGSEGV' },
  {
    action: 'exec tail /dev/zero',
    request: { limits: { memoryBytes: 16 * 1024 * 1024 } },
    ...{ exitCode: 137, signal: 'SIGKILL', oomKilled: true },
  },
];

describe('a container that ends while no supervisor runs', () => {
  beforeEach(async () => void (world = await World.make()));

  test('has its exit code, its time of end and its counters, in the record and in the ledger', async () => {
    const clockBefore = clockAheadMs();
    const containers = await Promise.all(ENDS.map(async ({ action, request }) => await onTerm(action, request)));
    const held = keeper();
    await world.end('supervisor', 'SIGKILL');
    const spans = [];
    for (const container of containers) {
      const from = Date.now();
      process.kill(pidOf(container), 'SIGTERM');
      await until('it has ended', () => hasEnded(pidOf(container)));
      spans.push({ from, to: Date.now() });
    }
    await delay(AWAY_MS);
    await world.startSupervisor();

    // The clock of this machine may be set meanwhile: what is between two of its times is then no span.
    const set = clockAheadMs() - clockBefore;
    for (const [i, { exitCode, signal, oomKilled = false }] of ENDS.entries()) {
      const { id } = containers[i] as ContainerRecord;
      const { from, to } = spans[i] as (typeof spans)[number];
      const record = await world.record(id);
      if (record === undefined) throw new Error('it is gone');
      const how = HAS_EXIT_INFO ? { exitCode, signal } : {};
      expect(record.state).toMatchObject({ status: 'exited', oomKilled, ...how });
      const [exit] = journal('exit').filter((one) => one.id === id);
      if (exit === undefined) throw new Error('it has no exit record');
      expect(exit).toMatchObject({ exitedAt: (record.state as { exitedAt: string }).exitedAt, ...how });
      const exitedAt = Date.parse(exit.exitedAt);
      expect(exitedAt).toBeGreaterThanOrEqual(from);
      expect(exitedAt).toBeLessThan(to + TOLERANCE_MS);
      const lasted = Number(BigInt(exit.exitedMonotonicNs) - BigInt(exit.startedMonotonicNs)) / 1e6;
      expect(Math.abs(lasted - (exitedAt - Date.parse(exit.startedAt) - set))).toBeLessThan(TOLERANCE_MS);
      await until('it is billed', async () => (await ledgerRows(world, { container: id }))[0]?.running === 0);
      const [row] = await ledgerRows(world, { container: id });
      expect(row?.usage.cpuNs).toBe(exit.counters?.cpuUsageNs);
      expect(Math.abs(Number(row?.usage.elapsedMs) - lasted)).toBeLessThan(TOLERANCE_MS);
    }
    expect(await ledgerProblems(world)).toEqual([]);
    expect(keeper()).not.toBe(held);
  });

  test('has its last output, which no supervisor had read', async () => {
    const lines = Array.from({ length: 100 }, (_, i) => String(i));
    const container = await onTerm(`echo ${lines.join('; echo ')}; exit 0`);
    await world.end('supervisor', 'SIGKILL');
    process.kill(pidOf(container), 'SIGTERM');
    await until('it has ended', () => hasEnded(pidOf(container)));
    await delay(100);
    await world.startSupervisor();
    const logged = world.log(container.id).trim().split('\n');
    expect(logged.map((line) => line.split(' ').at(-1))).toEqual(['ready', ...lines]);
  });

  test.runIf(HAS_EXIT_INFO)(
    'has its exit code behind several supervisors, each killed while it takes over from a keeper',
    async () => {
      const container = await onTerm('exit 7');
      await world.end('supervisor', 'SIGKILL');
      process.kill(pidOf(container), 'SIGTERM');
      await until('it has ended', () => hasEnded(pidOf(container)));
      const to = Date.now();
      for (let i = 0; i < 3; i++) {
        const before = new Set(keepersOf(world.state.run));
        const next = spawn(process.execPath, [SUPERVISOR], { env: world.environment, stdio: 'ignore' });
        const ended = once(next, 'exit');
        await until('it has made a keeper', () => keepersOf(world.state.run).some((pid) => !before.has(pid)));
        next.kill('SIGKILL');
        await ended;
      }
      await world.startSupervisor();
      const state = await stateOf(container);
      expect(state).toMatchObject({ status: 'exited', exitCode: 7 });
      expect(Date.parse((state as { exitedAt: string }).exitedAt)).toBeLessThan(to + TOLERANCE_MS);
      keeper();
    },
  );

  test('has an unknown exit code where the keeper was killed as well', async () => {
    const container = await onTerm('exit 5');
    await world.end('supervisor', 'SIGKILL');
    process.kill(keeper(), 'SIGKILL');
    await until('the keeper has ended', () => keepersOf(world.state.run).length === 0);
    process.kill(pidOf(container), 'SIGTERM');
    await until('it has ended', () => hasEnded(pidOf(container)));
    await world.startSupervisor();
    // Where init has not reaped it yet, /proc still has the exit status.
    expect(await stateOf(container)).toMatchObject({ status: 'exited', exitCode: expect.toBeOneOf([null, 5]) });
    keeper();
  });

  test.runIf(HAS_EXIT_INFO)('has its exit code though the keeper was killed before: another had taken its place', async () => {
    const container = await onTerm('exit 6');
    const first = keeper();
    process.kill(first, 'SIGKILL');
    await until('there is another', () => keepersOf(world.state.run).some((pid) => pid !== first));
    const later = await onTerm('exit 8');
    await world.end('supervisor', 'SIGKILL');
    for (const { state } of [container, later]) process.kill((state as { pid: number }).pid, 'SIGTERM');
    await until('they have ended', () => [container, later].every((one) => hasEnded(pidOf(one))));
    await world.startSupervisor();
    expect(await stateOf(container)).toMatchObject({ status: 'exited', exitCode: 6 });
    expect(await stateOf(later)).toMatchObject({ status: 'exited', exitCode: 8 });
  });
});

describe('the keeper', () => {
  beforeEach(async () => void (world = await World.make({ agent: false })));

  test('is small, and has none of its supervisor’s descriptors', async () => {
    const pid = keeper();
    // Counted from its page tables: the counters of proc_pid_status(5) may be some hundred KiB off.
    const kib = Number(/^Rss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]);
    expect(kib).toBeLessThan(256);
    expect(readdirSync(`/proc/${pid}/fd`)).toHaveLength(4);
    expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).toBe('');
  });

  test('goes with a supervisor that leaves no container, and with a shutdown; it stays with containers', async () => {
    await world.end('supervisor', 'SIGTERM');
    expect(keepersOf(world.state.run)).toEqual([]);
    await world.startSupervisor();
    const container = await world.run(['sleep', 'infinity']);
    await world.end('supervisor', 'SIGTERM');
    keeper();
    await world.startSupervisor();
    expect(await stateOf(container)).toMatchObject({ status: 'running' });
    keeper();
    await world.link.request('shutdown', {}, REQUEST_DEADLINE_MS);
    await until('it has gone', () => keepersOf(world.state.run).length === 0);
  });

  test('leaves nothing behind in its supervisor with its starts', async () => {
    const descriptors = async () => (await world.settledSnapshot()).descriptors;
    // One that stays: what is watched of its groups is then watched all the time.
    await world.run(['sleep', 'infinity']);
    const { id } = await world.run(['true']);
    await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
    const before = await descriptors();
    for (let i = 0; i < (FULL ? 600 : SLOWNESS > 1 ? 5 : 20); i++) {
      await world.link.request('start', { id }, REQUEST_DEADLINE_MS);
      await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
    }
    await expect.poll(descriptors, { timeout: REQUEST_DEADLINE_MS }).toEqual(before);
    keeper();
  });
});

test(`${CONTAINERS} containers, the supervisor killed ${KILLS} times meanwhile: each exit code is known`, async () => {
  world = await World.make({ agent: false });
  const codes = new Map<string, number>();
  let started = 0;
  let isOver = false;
  const worker = async (): Promise<void> => {
    while (!isOver || started < CONTAINERS) {
      const code = started++ % 100;
      const command = ['/bin/sh', '-c', `sleep 0.0${started % 10}; exit ${code}`];
      const definition = await world.define({ command });
      codes.set(definition.id, code);
      // Without a supervisor there is no connection.
      await until('a supervisor has taken it', async () => {
        if (!world.link.connected) return false;
        await world.link.request('run', { definition }, REQUEST_DEADLINE_MS).catch(() => {});
        return true;
      });
    }
  };
  const working = Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (let kill = 0; kill < KILLS; kill++) {
    await delay(200 + Math.random() * 300 * SLOWNESS);
    await world.end('supervisor', 'SIGKILL');
    await delay(Math.random() * 200);
    await world.startSupervisor();
  }
  isOver = true;
  await working;
  const { records } = await world.link.request('subscribe', {}, REQUEST_DEADLINE_MS);
  for (const { id } of records) await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);

  const exits = new Map(journal('exit').map((exit) => [`${exit.id} ${exit.incarnation}`, exit]));
  const starts = journal('start');
  expect(starts.length).toBeGreaterThan(CONTAINERS / 2);
  const begun = new Map(records.map(({ id, incarnation, state }) => [id, state.status === 'failed' ? 0 : incarnation]));
  const wrong = starts.filter(({ id, incarnation }) => {
    const exit = exits.get(`${id} ${incarnation}`);
    // A start dies with its supervisor before it has made a process, or is killed by the next one before its command has begun.
    if (exit === undefined) return (begun.get(id) ?? 0) >= incarnation;
    return HAS_EXIT_INFO && exit.exitCode !== codes.get(id) && exit.signal !== 'SIGKILL';
  });
  expect(wrong.map(({ id, incarnation }) => exits.get(`${id} ${incarnation}`) ?? id)).toEqual([]);
  keeper();
});
