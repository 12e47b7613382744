// @module-tag kernel

import { execFileSync } from 'node:child_process';
import { PlimsollError, type LoggedEvent } from '@plimsoll/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentClient } from '../../apps/agent/src/client/agent-client.ts';
import { connect } from '../../apps/agent/src/client/connect.ts';
import { ledgerProblems } from '../support/ledger.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const HOUR_MS = 3_600_000;
const WORKING = ['/bin/sh', '-c', 'while :; do sleep 1; done'];
const isOwn = process.env['PLIMSOLL_TEST_OWN_CLOCK'] === '1';

/** Sets the clock of this machine forward, or back. */
function setClock(byMs: number): void {
  execFileSync('date', ['-s', `@${((Date.now() + byMs) / 1000).toFixed(3)}`], { stdio: 'ignore' });
}

describe.runIf(isOwn)(`a clock that is set${isOwn ? '' : ': not on a machine that others use'}`, () => {
  let world: World;
  let moved = 0;
  beforeEach(async () => void (world = await World.make()));
  afterEach(async () => {
    move(-moved);
    await world[Symbol.asyncDispose]();
  });

  function move(byMs: number): void {
    setClock(byMs);
    moved += byMs;
  }

  /** Of an agent that may have begun a moment ago. */
  async function answered<T>(request: (client: AgentClient) => Promise<T>): Promise<T> {
    const { answer } = await until('the agent answers', async () => {
      try {
        using client = await connect(world.state);
        return { answer: await request(client) };
      } catch (error) {
        if (error instanceof PlimsollError && (error.code === 'unavailable' || error.code === 'deadline-exceeded')) return null;
        throw error;
      }
    });
    return answer;
  }

  const jumps = async (): Promise<LoggedEvent[]> =>
    (await answered(async (client) => await client.command('event.list', { kinds: ['clock.jumped'] }))).events;
  const jumped = async (times: number) =>
    await until(`the clock has jumped ${times} times`, async () => (await jumps()).length === times);
  /** Of the last hour, by the clock as it is. */
  const cpuOfLastHour = async (id: string): Promise<string> => {
    const [from, to] = [Date.now() - HOUR_MS, Date.now() + 1000].map((ms) => new Date(ms).toISOString());
    const query = { from: from ?? '', to: to ?? '', container: id };
    const report = await answered(async (client) => await client.command('usage.query', query));
    return report.steps[0]?.rows[0]?.usage.cpuNs ?? 'none';
  };
  const kill = async (id: string) => (await world.link.request('kill', { id }, REQUEST_DEADLINE_MS)).lastExit?.cpuUsageNs;

  test.each([2, -2])('by %i hours, and back again, labels nothing late and loses nothing', async (hours) => {
    const before = await world.run(WORKING);
    const across = await world.run(WORKING);
    await until('it is in the ledger', async () => Number(await cpuOfLastHour(across.id)) > 0);
    move(hours * HOUR_MS);
    await jumped(1);
    const within = await world.run(WORKING);
    const beforeNs = await kill(before.id);
    await until('it is in the ledger', async () => Number(await cpuOfLastHour(within.id)) > 0);
    const withinNs = await kill(within.id);
    const after = await world.run(WORKING);
    move(-hours * HOUR_MS);
    await jumped(2);
    const acrossNs = await kill(across.id);
    const afterNs = await kill(after.id);
    const ends = [
      [before, beforeNs],
      [within, withinNs],
      [across, acrossNs],
      [after, afterNs],
    ] as const;
    for (const [{ id }, ns] of ends) await until('its end is there', async () => (await cpuOfLastHour(id)) === ns);
    const [back, there] = await jumps();
    expect(there).toMatchObject({ subject: 'host' });
    expect(Math.abs(Number(there?.detail['byMs']) - hours * HOUR_MS)).toBeLessThan(10_000);
    expect(Math.abs(Number(back?.detail['byMs']) + hours * HOUR_MS)).toBeLessThan(10_000);
    const direction = hours > 0 ? 'forward' : 'back';
    expect((await world.plimsoll('events', '--kind', 'clock')).stdout).toMatch(new RegExp(`the clock was set .* ${direction}`));
    expect(await ledgerProblems(world)).toEqual([]);
  });

  test('while no agent is there', async () => {
    const { id } = await world.run(WORKING);
    await until('it is in the ledger', async () => Number(await cpuOfLastHour(id)) > 0);
    for (const [times, hours] of [
      [1, 30],
      [2, -30],
    ] as const) {
      await world.end('agent', 'SIGKILL');
      move(hours * HOUR_MS);
      await world.startAgent();
      await jumped(times);
      expect(Number(await cpuOfLastHour(id))).toBeGreaterThan(0);
    }
    await world.end('agent', 'SIGKILL');
    const ns = await kill(id);
    await world.startAgent();
    await until('its end is there', async () => (await cpuOfLastHour(id)) === ns);
    expect(await ledgerProblems(world)).toEqual([]);
  });
});
