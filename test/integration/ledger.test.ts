// @module-tag kernel

import { setTimeout as delay } from 'node:timers/promises';
import { Cgroup } from '@plimsoll/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cpuUsageNs } from '../support/kernel-files.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { ledgerProblems, ledgerRows } from '../support/ledger.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const BURNING = ['/bin/sh', '-c', 'while :; do :; done'];

let world: World;
beforeEach(async () => void (world = await World.make()));
afterEach(async () => await world[Symbol.asyncDispose]());

/** By the agent that is there now. */
const rows = async (query?: Parameters<typeof ledgerRows>[1]) => await ledgerRows(world, query);
const verified = async () => await ledgerProblems(world);
const cpuOf = async (id: string) => BigInt((await rows({ container: id }))[0]?.usage.cpuNs ?? -1);

describe('what ended is billed as the kernel counted it last', () => {
  test('a container that runs on while agent and supervisor are killed', async () => {
    const { id, cgroup } = await world.run(BURNING);
    await until('it has been read', async () => (await cpuOf(id)) > 0n);
    await world.end('agent', 'SIGKILL');
    await world.end('supervisor', 'SIGKILL');
    await delay(300);
    await world.startSupervisor();
    await world.startAgent();
    const usage = cpuUsageNs(new Cgroup(HOST_LAYOUT, cgroup));
    expect(await cpuOf(id)).toBeGreaterThanOrEqual(0n);
    await until('it goes on from where it was', async () => (await cpuOf(id)) >= usage);
    const { lastExit } = await world.link.request('kill', { id }, REQUEST_DEADLINE_MS);
    await until('its end is in the ledger', async () => String(await cpuOf(id)) === lastExit?.cpuUsageNs);
    const [row] = await rows({ container: id });
    expect(Number(row?.usage.estimatedMs)).toBeGreaterThan(200);
    expect(row).toMatchObject({ incarnations: 1, running: 0 });
    expect(await verified()).toEqual([]);
  });
});

test('limits, freezes and memory are metered over the time that they lasted', async () => {
  const client = await world.client();
  const { id } = await client.command('container.run', {
    command: ['sleep', 'infinity'],
    limits: { memoryBytes: 64 * 2 ** 20, cpus: 0.5 },
  });
  await delay(500);
  await client.command('container.update', { container: id, limits: { memoryBytes: 32 * 2 ** 20 } });
  await client.command('container.freeze', { container: id });
  const frozenFrom = performance.now();
  await delay(1000);
  const frozenMs = performance.now() - frozenFrom;
  await client.command('container.thaw', { container: id });
  await delay(300);
  await client.command('container.kill', { container: id });
  await until('it is over', async () => (await rows({ container: id }))[0]?.running === 0);
  const [row] = await rows({ container: id });
  const usage = Object.fromEntries(Object.entries(row?.usage ?? {}).map(([name, value]) => [name, Number(value)]));
  const { elapsedMs = 0, cpuReservedNs = 0, memoryReservedByteMs = 0, memoryByteMs = 0 } = usage;
  expect(cpuReservedNs).toBe(elapsedMs * 500_000);
  // Half of the memory from the change on.
  expect(memoryReservedByteMs).toBeLessThan(elapsedMs * 64 * 2 ** 20);
  expect(memoryReservedByteMs).toBeGreaterThan(elapsedMs * 32 * 2 ** 20 + 400 * 32 * 2 ** 20);
  expect(usage['frozenMs']).toBeGreaterThan(frozenMs * 0.8);
  expect(usage['frozenMs']).toBeLessThan(elapsedMs - 500);
  expect(memoryByteMs / elapsedMs).toBeGreaterThan(20 * 1024);
  expect(memoryByteMs / elapsedMs).toBeLessThan(16 * 2 ** 20);
  expect(await verified()).toEqual([]);
});

test('a group’s own counter covers all that it ever had, and what is left over is told apart', async () => {
  const client = await world.client();
  for (const group of ['acme', 'acme/web', 'acme']) {
    await client.command('container.run', {
      command: ['/bin/sh', '-c', 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'],
      group,
      autoRemove: false,
    });
  }
  await until('all have ended', async () => (await rows()).every(({ running }) => running === 0) && (await rows()).length === 3);
  const balance = async () => {
    const to = new Date(Date.now() + 60_000).toISOString();
    return (await client.command('usage.query', { from: '2020-01-01T00:00:00.000Z', to, aggregate: 'group' })).groups;
  };
  const [acme, web] = await balance();
  const billed = (await rows()).reduce((sum, { usage }) => sum + BigInt(usage.cpuNs), 0n);
  expect(acme).toMatchObject({ group: 'acme', attributedCpuNs: String(billed) });
  expect(BigInt(acme?.unattributedCpuNs ?? -1)).toBeGreaterThanOrEqual(0n);
  expect(BigInt(web?.unattributedCpuNs ?? -1)).toBeGreaterThanOrEqual(0n);
  // Removed with all that was in it: what it counted stays.
  await client.command('group.remove', { group: 'acme', force: true });
  await until('its end is in the ledger', async () => {
    const kept = await world.link.request('ledgerRecords', { after: 0, most: 10 }, REQUEST_DEADLINE_MS);
    return kept.length === 0;
  });
  expect(BigInt((await balance())[0]?.cpuNs ?? 0)).toBeGreaterThanOrEqual(BigInt(acme?.cpuNs ?? 0));
  expect(await verified()).toEqual([]);
});
