import { existsSync, readFileSync } from 'node:fs';
import {
  discoverCgroupLayout,
  freezeCgroup,
  isFrozen,
  killCgroup,
  processesIn,
  readLast,
  removeCgroup,
  thawCgroup,
  untilEmpty,
  usedLayout,
  weightToShares,
  type Cgroup,
  type Controller,
} from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Core, type TestContainer } from '../support/core.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const BURNING = ['/bin/sh', '-c', 'while :; do :; done'];
const FORK_BOMB = ['/bin/sh', '-c', 'bomb() { bomb | bomb & }; bomb; exec sleep infinity'];
const MEBIBYTE = 1024 * 1024;
const SIGKILL = 9;

const hybrid = discoverCgroupLayout();

function read(cgroup: Cgroup, controller: Controller, file: string): string {
  return readFileSync(cgroup.file(controller, file) ?? '', 'utf8').trim();
}

const usageOf = (cgroup: Cgroup) => BigInt(read(cgroup, 'cpuacct', 'cpuacct.usage'));

describe.each([
  { name: 'hybrid', layout: usedLayout(hybrid) },
  { name: 'v1 alone', layout: usedLayout({ ...hybrid, kind: 'v1', unified: null }) },
])('a cgroup on $name', ({ layout }) => {
  let core: Core;
  beforeAll(async () => void (core = await Core.make({ layout })));
  afterAll(async () => await core[Symbol.asyncDispose]());

  async function started(container: TestContainer) {
    const { process, takeBirth } = await container.start();
    takeBirth();
    return process;
  }

  test('has the limits that were asked for', async () => {
    const limits = { cpus: 0.25, cpuWeight: 250, memoryBytes: 64 * MEBIBYTE, pids: 17 };
    await using container = core.container({ args: ['sleep', 'infinity'], limits });
    await started(container);
    const { cgroup } = container;
    expect(read(cgroup, 'cpu', 'cpu.cfs_quota_us')).toBe('25000');
    expect(read(cgroup, 'cpu', 'cpu.cfs_period_us')).toBe('100000');
    expect(read(cgroup, 'cpu', 'cpu.shares')).toBe(String(weightToShares(250)));
    expect(read(cgroup, 'memory', 'memory.limit_in_bytes')).toBe(String(64 * MEBIBYTE));
    expect(read(cgroup, 'pids', 'pids.max')).toBe('17');
    for (const mount of cgroup.mounts) expect(readFileSync(`${mount}/${cgroup.path}/cgroup.procs`, 'utf8')).not.toBe('');
  });

  test('holds a fork bomb to its pids limit, and the kill takes it whole', async () => {
    await using container = core.container({ args: FORK_BOMB, limits: { pids: 40, cpus: 0.5 } });
    const { exited } = await started(container);
    const { cgroup } = container;
    await until('a fork is refused', () => /^max [1-9]/m.test(read(cgroup, 'pids', 'pids.events')));
    expect(Number(read(cgroup, 'pids', 'pids.current'))).toBeLessThanOrEqual(40);
    await killCgroup(core.kernel.loop, cgroup);
    expect(processesIn(cgroup)).toEqual([]);
    expect(await exited).toEqual({ code: null, signal: SIGKILL });
    removeCgroup(cgroup);
    expect(cgroup.mounts.filter((mount) => existsSync(`${mount}/${cgroup.path}`))).toEqual([]);
  });

  test('counts what the OOM killer ended', async () => {
    await using container = core.container({ args: ['tail', '/dev/zero'], limits: { memoryBytes: 16 * MEBIBYTE } });
    const { exited } = await started(container);
    expect(await exited).toEqual({ code: null, signal: SIGKILL });
    await untilEmpty(core.kernel.loop, container.cgroup);
    const last = readLast(container.cgroup);
    expect(last?.oomKills).toBe(1);
    expect(last?.memoryPeakBytes).toBe(16 * MEBIBYTE);
  });

  test('is read a last time to the nanosecond', async () => {
    const args = ['/bin/sh', '-c', 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'];
    await using container = core.container({ args });
    const { exited } = await started(container);
    await exited;
    await untilEmpty(core.kernel.loop, container.cgroup);
    const last = readLast(container.cgroup);
    expect(last?.reading.cpuUsageNs).toBe(usageOf(container.cgroup));
    expect(last?.reading.cpuUsageNs).toBeGreaterThan(1_000_000n);
  });

  test('stands still while it is frozen, goes on when thawed, and can be killed frozen', async () => {
    await using container = core.container({ args: BURNING });
    const { exited } = await started(container);
    const { cgroup } = container;
    const { loop } = core.kernel;
    for (let round = 0; round < 3; round++) {
      await freezeCgroup(loop, cgroup);
      expect(isFrozen(cgroup)).toBe(true);
      // It is told frozen on its way off the cpu: another container's whole life later it has left it.
      await core.run(['true']);
      const usage = usageOf(cgroup);
      await core.run(['true']);
      expect(usageOf(cgroup)).toBe(usage);
      await thawCgroup(loop, cgroup);
      expect(isFrozen(cgroup)).toBe(false);
      await until('it goes on', () => usageOf(cgroup) > usage + 1_000_000n);
    }
    await freezeCgroup(loop, cgroup);
    await killCgroup(loop, cgroup);
    expect(await exited).toEqual({ code: null, signal: SIGKILL });
  });
});

test('an exit record tells of the OOM killer', async () => {
  await using world = await World.make({ agent: false });
  const { id } = await world.run(['tail', '/dev/zero'], { limits: { memoryBytes: 16 * MEBIBYTE } });
  const { state, lastExit } = await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
  expect(state).toMatchObject({ status: 'exited', exitCode: 137, signal: 'SIGKILL', oomKilled: true });
  expect(lastExit).toMatchObject({ oomKills: '1', memoryPeakBytes: String(16 * MEBIBYTE) });
});
