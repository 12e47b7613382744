import type { ChartHistory } from '@plimsoll/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

const BURNING = ['/bin/sh', '-c', 'while :; do :; done'];
const SAMPLES_OFTEN = { PLIMSOLL_SAMPLE_MS: '200' };

let world: World;
beforeEach(async () => {
  world = await World.make({ agent: false });
  await world.startAgent(SAMPLES_OFTEN);
});
afterEach(async () => await world[Symbol.asyncDispose]());

/** Of the last two minutes, in steps of a second. */
async function history(of: { container: string } | { group: string }): Promise<ChartHistory> {
  const client = await world.client();
  const now = Date.now();
  const span = { from: new Date(now - 120_000).toISOString(), to: new Date(now).toISOString() };
  return await client.command('chart.history', { ...of, ...span, points: 120 });
}

const readings = ({ columns }: ChartHistory) => columns.cpuCores?.mean.filter((value) => value !== null) ?? [];

test('what an agent read is there in the next one; the time between is a gap that is marked, as freezes, restarts and kills are', async () => {
  const client = await world.client();
  const { id } = await client.command('container.run', { command: BURNING, group: 'acme/web', limits: { cpus: 0.5 } });
  const before = await until('it has burned for some seconds', async () => {
    const told = await history({ container: id });
    return readings(told).length >= 4 ? told : null;
  });
  expect(before).toMatchObject({ stepMs: 1000, frozen: [], restarts: [] });
  // A busy host leaves it without the cpu, which is an incident.
  expect(before.incidents.filter(({ kind }) => kind !== 'starving')).toEqual([]);
  // How much of the cpu it gets while others work is not for a test to say.
  expect(Math.max(...readings(before))).toBeGreaterThan(0.01);
  expect(before.columns.pids?.mean.filter((pids) => pids !== null && pids >= 1).length).toBeGreaterThan(0);
  expect(readings(await history({ group: 'acme' })).length).toBeGreaterThan(0);

  await client.command('group.freeze', { group: 'acme' });
  await until('the log has the freeze', async () => (await history({ container: id })).frozen.length === 1);
  expect((await history({ group: 'acme/web' })).frozen).toMatchObject([{ to: null }]);
  await client.command('group.thaw', { group: 'acme' });
  const thawed = await until('the log has the thaw', async () => {
    const { frozen } = await history({ container: id });
    return frozen.some(({ to }) => to !== null) ? frozen : null;
  });
  expect(thawed).toHaveLength(1);

  await world.end('agent', 'SIGTERM');
  await world.startAgent(SAMPLES_OFTEN);
  const startedAt = Date.now();
  const after = await until('it reads again', async () => {
    const told = await history({ container: id });
    const newest = told.columns.cpuCores?.mean.findLastIndex((value) => value !== null) ?? 0;
    return told.from + (newest + 1) * told.stepMs > startedAt ? told : null;
  });
  expect(after.unseen).toHaveLength(1);
  const [{ from, to }] = after.unseen as [{ from: number; to: number }];
  // From the last sample that there was.
  const read = after.columns.cpuCores?.mean.findLastIndex(
    (value, step) => value !== null && after.from + step * after.stepMs < to,
  );
  expect(Math.abs(after.from + ((read ?? 0) + 1) * after.stepMs - from)).toBeLessThanOrEqual(2 * after.stepMs);
  expect(to).toBeLessThanOrEqual(startedAt);
  expect(to).toBeGreaterThan(from);
  // All that was read before is there: it was stored at the end. Two samples may be in one step, and none in the next.
  const stored = after.columns.cpuCores?.mean.filter((value, step) => value !== null && after.from + step * after.stepMs < from);
  expect(stored?.length).toBeGreaterThanOrEqual(readings(before).length - 1);
  expect(after.frozen).toEqual(thawed);

  await client.command('container.kill', { container: id });
  await client.command('container.start', { container: id });
  const again = await until('the log has its start', async () => {
    const told = await history({ group: 'acme' });
    return told.restarts.length > 0 ? told : null;
  });
  expect(again.restarts).toMatchObject([{ container: id }]);
});

test('a process that the kernel kills for memory is marked, on the container and on its groups', async () => {
  const client = await world.client();
  const hungry = ['sh', '-c', 'head -c 40m /dev/zero | tail -c 40m; sleep infinity'];
  const { id } = await client.command('container.run', { command: hungry, group: 'acme', limits: { memoryBytes: 16 * 2 ** 20 } });
  const killed = async (of: Parameters<typeof history>[0]) =>
    (await history(of)).incidents.filter(({ kind, container }) => kind === 'oom-kill' && container === id);
  await until('it is marked', async () => (await killed({ container: id })).length > 0);
  expect(await killed({ group: 'acme' })).toEqual(await killed({ container: id }));
});

test('what cannot be charted is refused', async () => {
  const client = await world.client();
  const span = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' };
  for (const [args, code] of [
    [{ container: 'nobody', ...span }, 'not-found'],
    [{ group: 'nobody', ...span }, 'not-found'],
    [span, 'bad-request'],
    [{ container: 'a', group: 'b', ...span }, 'bad-request'],
    [{ group: 'a', from: span.to, to: span.from }, 'bad-request'],
    [{ group: 'a', from: '2020-01-01T00:00:00.000Z', to: span.to }, 'bad-request'],
    [{ group: 'a', ...span, points: 1e6 }, 'bad-request'],
  ] as const) {
    await expect(client.command('chart.history', args as never), JSON.stringify(args)).rejects.toMatchObject({ code });
  }
});
