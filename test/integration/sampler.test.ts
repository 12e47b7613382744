import { CgroupSampler, killCgroup, removeCgroup, type CgroupReading } from '@plimsoll/core';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { Core, type TestContainer } from '../support/core.ts';
import { cpuUsageNs, memorySplit, memoryUsageBytes, throttling } from '../support/kernel-files.ts';
import { until } from '../support/until.ts';

const BURNING = ['/bin/sh', '-c', 'while :; do :; done'];

let core: Core;
let sampler: CgroupSampler;
beforeAll(async () => void (core = await Core.make()));
beforeEach(() => void (sampler = new CgroupSampler(core.layout)));
afterEach(() => sampler[Symbol.dispose]());
afterAll(async () => await core[Symbol.asyncDispose]());

async function started(wishes: Parameters<Core['container']>[0]): Promise<TestContainer> {
  const container = core.container(wishes);
  (await container.start()).takeBirth();
  return container;
}

test('reads what the files say', async () => {
  await using container = await started({ args: ['sleep', 'infinity'], limits: { cpus: 1, pids: 5 } });
  const { cgroup } = container;
  const sampled = sampler.add(cgroup.path);
  expect(sampled.reading).toBeNull();
  // A sleeper's counters stand still once it sleeps.
  await until('it sleeps', () => {
    const before = cpuUsageNs(cgroup);
    sampler.read();
    return before === cpuUsageNs(cgroup) && sampled.reading?.cpuUsageNs === before;
  });
  const { periods, throttled, throttledNs } = throttling(cgroup);
  const { anonBytes, fileBytes, inactiveFileBytes } = memorySplit(cgroup);
  expect(sampled.reading).toMatchObject({
    cpuPeriods: periods,
    cpuThrottledPeriods: throttled,
    cpuThrottledNs: throttledNs,
    memoryUsageBytes: memoryUsageBytes(cgroup),
    memoryAnonBytes: anonBytes,
    memoryFileBytes: fileBytes,
    memoryInactiveFileBytes: inactiveFileBytes,
    pids: 1,
  } satisfies Partial<CgroupReading>);
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
  sampler.read();
  const first = { ...sampled.reading! };
  // Twenty periods of the kernel's: by then a whole one more or less is 5 %.
  await until('twenty periods are over', () => {
    sampler.read();
    return (sampled.reading?.cpuPeriods ?? 0) >= first.cpuPeriods + 20;
  });
  const last = sampled.reading!;
  const cores = Number(last.cpuUsageNs - first.cpuUsageNs) / Number(last.atNs - first.atNs);
  expect(cores).toBeGreaterThan(0.3);
  expect(cores).toBeLessThan(0.56);
  expect(last.cpuThrottledPeriods).toBeGreaterThan(first.cpuThrottledPeriods);
});
