import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { discoverCgroupLayout, readClocks } from '@plimsoll/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventLog } from '../events/event-log.ts';
import type { HostClock } from '../clock/host-clock.ts';
import { recordClock } from '../clock/record-clock.ts';
import { containerRecord, groupRecord } from '../container-record.fixture.ts';
import { WorkerThread } from '../database/worker-thread.ts';
import type { LedgerMethods } from '../ledger/thread.ts';
import { Registry } from '../registry.ts';
import { sampleWhatRuns } from '../sampling/sample-what-runs.ts';
import { Sampler } from '../sampling/sampler.ts';
import { ScriptedReader } from '../sampling/scripted-reader.fixture.ts';
import type { ExitRecord } from '../../supervisor/ledger-record.ts';
import { Meter } from './meter.ts';
import { Recorder } from './recorder.ts';

const HOST = '00000000-0000-4000-8000-000000000000';

const HOUR_MS = 3_600_000;
const NEVER_MS = 1e9;
const [A, B] = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'];

let directory: string;
/** By how much the wall clock is wrong. */
let wrongMs: number;
/** First processes of containers, by id: how long one has run counts from its start. */
const processes = new Map<string, ChildProcess>();
let agent: Awaited<ReturnType<typeof startAgent>>;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'plim-meter-'));
  wrongMs = 0;
  agent = await startAgent();
});
afterEach(async () => {
  await agent.owned.disposeAsync();
  for (const process of processes.values()) process.kill('SIGKILL');
  processes.clear();
  rmSync(directory, { recursive: true });
});

/** What an agent has that meters, by a clock of the test's. */
async function startAgent() {
  const owned = new AsyncDisposableStack();
  const events = owned.use(await EventLog.open(join(directory, 'events.db'), { ageMs: 1e15, rows: 1e6 }, HOST));
  const clock = recordClock(events, () => ({ ...readClocks(), realNs: BigInt(Date.now() + wrongMs) * 1_000_000n }));
  const registry = new Registry();
  const sampler = owned.use(new Sampler(() => new ScriptedReader(), NEVER_MS));
  sampleWhatRuns(registry, sampler, directory);
  const thread = new URL('../ledger/thread.ts', import.meta.url);
  const ledger = owned.use(new WorkerThread<LedgerMethods>(thread, { path: join(directory, 'ledger.db'), host: HOST }));
  const recorder = new Recorder(
    ledger,
    () => clock.now(),
    () => {},
  );
  recorder.clockSet();
  clock.on('jumped', () => recorder.clockSet());
  const layout = discoverCgroupLayout();
  const meter = owned.use(new Meter({ registry, sampler, recorder, layout, clock, sampleMs: NEVER_MS }));
  registry.replace({ groups: [groupRecord('acme'), groupRecord('acme/web')], records: [] });
  return { owned, events, clock, registry, ledger, recorder, meter };
}

/** As a supervisor tells of it, whose clock is the same. */
function run(id: string, startedAt = new Date(Date.now() + wrongMs).toISOString()): void {
  const first = processes.get(id) ?? spawn('sleep', ['1000'], { stdio: 'ignore' });
  processes.set(id, first);
  const state = { status: 'running', pid: first.pid ?? 0, startedAt } as const;
  agent.registry.update(containerRecord(id, `name-${id}`, { incarnation: 1, state }));
}

function exitOf(id: string, began: ReturnType<HostClock['now']>, cpuNs: bigint): ExitRecord {
  const ended = agent.clock.now();
  const nothing = { cpuUserNs: null, cpuSystemNs: null, memoryPeakBytes: null, oomKills: null };
  const io = { ioReadBytes: null, ioWriteBytes: null, ioReadOps: null, ioWriteOps: null };
  const [startedBootNs, exitedBootNs] = [began.bootMs, ended.bootMs].map((ms) => String(ms * 1e6)) as [string, string];
  return {
    ...{
      kind: 'exit',
      seq: 1,
      host: HOST,
      id,
      name: `name-${id}`,
      group: 'acme/web',
      image: 'base',
      labels: {},
      limits: {},
      incarnation: 1,
    },
    ...{ startedAt: new Date(began.wallMs).toISOString(), exitedAt: new Date(ended.wallMs).toISOString() },
    ...{ startedMonotonicNs: startedBootNs, exitedMonotonicNs: exitedBootNs },
    ...{ bootId: ended.bootId, startedBootNs, exitedBootNs },
    ...{ counters: { cpuUsageNs: String(cpuNs), ...nothing, ...io }, exitCode: 0, signal: null, oomKilled: false },
  };
}

/** Of each container, from one offset from the right time to another. */
async function used(fromMs: number, toMs: number): Promise<Record<string, bigint>> {
  await agent.recorder.settled();
  const boundariesMs = [Date.now() + fromMs, Date.now() + toMs];
  const { steps } = await agent.ledger.call('usage', { boundariesMs, aggregate: 'container' });
  return Object.fromEntries(steps[0]?.rows.map(({ key, totals }) => [key, totals.cpuNs]) ?? []);
}

async function problems(): Promise<string[]> {
  return (await agent.ledger.call('verify')).problems;
}

test.each([2, -2])(
  'usage is told by the right clock after one that jumped by %i h, of what began and ended in between too',
  async (hours) => {
    const before = agent.clock.now();
    run(A);
    await agent.recorder.settled();
    wrongMs = hours * HOUR_MS;
    expect(agent.clock.look()).toBe(true);
    const within = agent.clock.now();
    run(B);
    agent.meter.readAll();
    agent.meter.ended(exitOf(B, within, 10n ** 15n + 77n));
    expect(await used(wrongMs - HOUR_MS, wrongMs + HOUR_MS)).toMatchObject({ [B]: 10n ** 15n + 77n });
    wrongMs = 0;
    expect(agent.clock.look()).toBe(true);
    agent.meter.ended(exitOf(A, before, 10n ** 15n));
    const all = { [A]: 10n ** 15n, [B]: 10n ** 15n + 77n };
    expect(await used(-60_000, 60_000)).toEqual(all);
    expect(await used(-9 * HOUR_MS, -60_000)).toEqual({});
    expect(await used(60_000, 9 * HOUR_MS)).toEqual({});
    expect(await problems()).toEqual([]);
    const { events } = await agent.events.list({ kinds: ['clock'], limit: 10 });
    expect(events.map(({ detail }) => Math.round(Number(detail['byMs']) / HOUR_MS))).toEqual([-hours, hours]);
  },
);

test('a jump while no agent was there is an event of the next, which labels all anew', async () => {
  const began = agent.clock.now();
  run(A);
  await agent.recorder.settled();
  await agent.owned.disposeAsync();
  wrongMs = -30 * HOUR_MS;
  agent = await startAgent();
  expect(Object.keys(await used(-31 * HOUR_MS, -29 * HOUR_MS))).toEqual([A]);
  // Its record has the time of the clock as it was, and the kernel when it began.
  run(A, new Date(began.wallMs).toISOString());
  await agent.owned.disposeAsync();
  wrongMs = 0;
  agent = await startAgent();
  agent.meter.ended(exitOf(A, began, 10n ** 15n));
  expect(await used(-60_000, 60_000)).toEqual({ [A]: 10n ** 15n });
  expect((await agent.events.list({ kinds: ['clock.jumped'], limit: 10 })).events).toHaveLength(2);
  expect(await problems()).toEqual([]);
});
