// @module-tag kernel
// @module-tag quiet

import { readdirSync, rmdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { CgroupSampler, killCgroup, removeCgroup, type CgroupReading } from '@plimsoll/core';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { DescriptorBudget } from '../../packages/core/src/cgroups/descriptor-budget.ts';
import { baseSources } from '../../packages/core/src/cgroups/sources.ts';
import { Core, type TestContainer } from '../support/core.ts';
import { cpuUsageNs, memorySplit, memoryUsageBytes, throttling } from '../support/kernel-files.ts';
import { HOST_LAYOUT } from '../support/layouts.ts';
import { until } from '../support/until.ts';

const MEBIBYTE = 1024 * 1024;
const BURNING = ['/bin/sh', '-c', 'while :; do :; done'];

let core: Core;
let sampler: CgroupSampler;
beforeAll(async () => void (core = await Core.make()));
beforeEach(() => void (sampler = new CgroupSampler(core.layout)));
afterEach(() => sampler[Symbol.dispose]());
afterAll(async () => await core[Symbol.asyncDispose]());

async function started(options: Parameters<Core['container']>[0]): Promise<TestContainer> {
  const container = core.container(options);
  await (await container.start()).settle();
  return container;
}

test('reads what the files say', async () => {
  await using container = await started({ args: ['sleep', 'infinity'], limits: { cpus: 1, pids: 5 } });
  const { cgroup } = container;
  const sampled = sampler.add(cgroup.path);
  expect(sampled.reading).toBeNull();
  // Its detail with every reading.
  using _ = sampled.watch();
  const files = () => {
    const { periods, throttled, throttledNs } = throttling(cgroup);
    const { anonBytes, fileBytes, inactiveFileBytes } = memorySplit(cgroup);
    return {
      cpuUsageNs: cpuUsageNs(cgroup),
      cpuPeriods: periods,
      cpuThrottledPeriods: throttled,
      cpuThrottledNs: throttledNs,
      memoryUsageBytes: memoryUsageBytes(cgroup),
      memoryAnonBytes: anonBytes,
      memoryFileBytes: fileBytes,
      memoryInactiveFileBytes: inactiveFileBytes,
      pids: 1,
    } satisfies Partial<CgroupReading>;
  };
  // A sleeper's counters stand still once it sleeps; those of memory.stat once the kernel has summed them up, every two
  // seconds (mm/memcontrol.c, FLUSH_TIME); and what a cpu had in reserve of its memory others may give back at any time.
  const told = await until('the files say the same before and after', () => {
    const before = files();
    sampler.read();
    return before.memoryAnonBytes > 0 && isDeepStrictEqual(before, files()) ? before : null;
  });
  expect(sampled.reading).toMatchObject(told);
});

test('reads null where a cgroup is gone, and goes on with the others', async () => {
  await using going = await started({ args: ['sleep', 'infinity'] });
  await using staying = await started({ args: ['sleep', 'infinity'] });
  const [gone, there] = [sampler.add(going.cgroup.path), sampler.add(staying.cgroup.path)];
  sampler.read();
  expect(gone.reading?.pids).toBe(1);
  await killCgroup(core.kernel.loop, going.cgroup);
  removeCgroup(going.cgroup);
  sampler.read();
  expect(gone.reading).toBeNull();
  expect(there.reading?.pids).toBe(1);
  gone[Symbol.dispose]();
  sampler.read();
  expect(there.reading?.pids).toBe(1);
  expect(sampler.add(`${core.cgroupRoot}/default/not-there`).reading).toBeNull();
});

test('measures a busy loop that is held to half a cpu', async () => {
  await using container = await started({ args: BURNING, limits: { cpus: 0.5 } });
  const sampled = sampler.add(container.cgroup.path);
  // Its detail with every reading.
  using _ = sampled.watch();
  sampler.read();
  const first = { ...sampled.reading! };
  // Twenty periods of the kernel's: by then a whole one more or less is 5 %.
  // On a busy machine a period can end before its quota is used.
  await until('twenty periods are over, and it was held back', () => {
    sampler.read();
    const { cpuPeriods, cpuThrottledPeriods, cpuThrottledNs } = sampled.reading!;
    const wasHeldBack = cpuThrottledPeriods > first.cpuThrottledPeriods && cpuThrottledNs > first.cpuThrottledNs;
    return wasHeldBack && cpuPeriods >= first.cpuPeriods + 20;
  });
  const last = sampled.reading!;
  const usedNs = Number(last.cpuUsageNs! - first.cpuUsageNs!);
  expect(usedNs / Number(last.atNs - first.atNs)).toBeLessThan(0.56);
  // It is held back when the half of a period is used up; on a busy machine it may not come to that. A cpu takes slices of 5 ms.
  const throttledPeriods = last.cpuThrottledPeriods - first.cpuThrottledPeriods;
  expect(usedNs).toBeGreaterThan((throttledPeriods - 2) * 45_000_000);
  expect(last.cpuThrottledPeriods).toBeGreaterThan(first.cpuThrottledPeriods);
  expect(last.cpuThrottledNs).toBeGreaterThan(first.cpuThrottledNs);
});

test('reads the detail of a newcomer at once, of others in turn, and of what is watched each time', async () => {
  await using one = await started({ args: ['sleep', 'infinity'], limits: { memoryBytes: 64 * MEBIBYTE, pids: 7 } });
  await using two = await started({ args: ['sleep', 'infinity'] });
  const [watched, other] = [sampler.add(one.cgroup.path), sampler.add(two.cgroup.path)];
  const detailAt = () => [watched, other].map(({ reading }) => reading!.detailAtNs);
  sampler.read(0);
  const newcomers = detailAt();
  expect(newcomers[0]).toBeGreaterThan(0n);
  expect(watched.reading).toMatchObject({ memoryLimitBytes: 64 * MEBIBYTE, pidsLimit: 7, oomKills: 0, pidsRefused: 0 });
  expect(other.reading).toMatchObject({ memoryLimitBytes: Number.NaN, pidsLimit: Number.NaN });

  const watch = watched.watch();
  sampler.read(1000);
  sampler.read(2000);
  const [first, second] = detailAt();
  expect(first).toBeGreaterThan(newcomers[0]!);
  expect(second).toBe(newcomers[1]);
  sampler.read(11_000);
  expect(detailAt()[1]).toBeGreaterThan(second!);

  watch[Symbol.dispose]();
  sampler.read(11_001);
  const unwatched = detailAt();
  sampler.read(11_002);
  expect(detailAt()).toEqual(unwatched);
});

test('reads the same past the descriptors that it may hold, and holds them when there are some again', async () => {
  await using one = await started({ args: ['sleep', 'infinity'] });
  await using two = await started({ args: ['sleep', 'infinity'] });
  // Enough for the base of one.
  const most = baseSources(core.layout).length + 2;
  const budget = new DescriptorBudget(most);
  using tight = new CgroupSampler(core.layout, { budget });
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  const [held, passing] = [tight.add(one.cgroup.path), tight.add(two.cgroup.path)];
  using _ = held.watch();
  const open = descriptors() - before;
  expect(open).toBeGreaterThan(0);
  expect(open).toBeLessThanOrEqual(most);
  tight.read();
  expect(descriptors() - before).toBe(open);
  for (const reading of [held.reading!, passing.reading!]) {
    expect(reading).toMatchObject({ pids: 1, oomKills: 0 });
    expect(reading.cpuUsageNs).toBeGreaterThan(0n);
    expect(reading.memoryUsageBytes).toBeGreaterThan(0);
  }
  held[Symbol.dispose]();
  expect(descriptors()).toBe(before);
  tight.read();
  expect(descriptors() - before).toBe(open);
  tight.read();
  expect(passing.reading?.pids).toBe(1);
  passing[Symbol.dispose]();
  expect(budget.take(most)).toBe(true);
});

test('tells of one cgroup at once, and of the whole host at the root', () => {
  const root = sampler.readOnce('')!;
  expect(root.cpuUsageNs).toBeGreaterThan(0n);
  expect(sampler.readOnce(`${core.cgroupRoot}/default/not-there`)).toBeNull();
});

// A removal takes it out of one hierarchy after the other, and another's counter of cpu time is another counter.
test.skipIf(HOST_LAYOUT.kind !== 'hybrid')(
  'of its own it reads no cpu time from elsewhere while one is about to go',
  async () => {
    const container = await started({ args: ['sleep', 'infinity'] });
    const { cgroup } = container;
    await killCgroup(core.kernel.loop, cgroup);
    rmdirSync(`${core.layout.controllers.get('cpuacct')?.mount}/${cgroup.path}`);
    using own = new CgroupSampler(core.layout, { areComplete: true });
    const added = own.add(cgroup.path);
    own.read();
    expect(added.reading?.cpuUsageNs ?? null).toBeNull();
    expect(own.readOnce(cgroup.path)?.cpuUsageNs ?? null).toBeNull();
    // Other people's cgroups need not be everywhere.
    expect(sampler.readOnce(cgroup.path)?.cpuUsageNs).not.toBeNull();
    await container[Symbol.asyncDispose]();
  },
);
