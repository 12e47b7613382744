// @module-tag kernel

import { existsSync, readFileSync } from 'node:fs';
import { freezeCgroup, isFrozen, killCgroup, processesIn, readLast, removeCgroup, thawCgroup, untilEmpty } from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Core, type TestContainer } from '../support/core.ts';
import {
  cpuQuota,
  cpuUsageNs,
  cpuWeight,
  memoryLimitBytes,
  pidsCurrent,
  pidsLimit,
  pidsRefused,
} from '../support/kernel-files.ts';
import { LAYOUTS } from '../support/layouts.ts';
import { until, untilStill } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

const BURNING = ['/bin/sh', '-c', 'while :; do :; done'];
/** The first process forks once, before the limit is met: a shell ends where it is refused a fork. */
const FORK_BOMB = ['/bin/sh', '-c', 'bomb() { bomb | bomb & }; bomb & exec sleep infinity'];
const MEBIBYTE = 1024 * 1024;
const SIGKILL = 9;

for (const { name, layout, there } of LAYOUTS) {
  describe.runIf(there)(`a cgroup on ${name}`, () => {
    let core: Core;
    beforeAll(async () => void (core = await Core.make({ layout })));
    afterAll(async () => await core[Symbol.asyncDispose]());

    async function started(container: TestContainer) {
      const { process, settle } = await container.start();
      await settle();
      return process;
    }

    test('has the limits that were asked for', async () => {
      const limits = { cpus: 0.25, cpuWeight: 250, memoryBytes: 64 * MEBIBYTE, pids: 17 };
      await using container = core.container({ args: ['sleep', 'infinity'], limits });
      await started(container);
      const { cgroup } = container;
      expect(cpuQuota(cgroup)).toEqual({ quotaUs: 25_000, periodUs: 100_000 });
      expect(cpuWeight(cgroup)).toBe(250);
      expect(memoryLimitBytes(cgroup)).toBe(64 * MEBIBYTE);
      expect(pidsLimit(cgroup)).toBe(17);
      for (const mount of cgroup.mounts) expect(readFileSync(`${mount}/${cgroup.path}/cgroup.procs`, 'utf8')).not.toBe('');
    });

    test('holds a fork bomb to its pids limit, and the kill takes it whole', async () => {
      await using container = core.container({ args: FORK_BOMB, limits: { pids: 40, cpus: 0.5 } });
      const { exited } = await started(container);
      const { cgroup } = container;
      await until('a fork is refused', () => pidsRefused(cgroup) > 0);
      await freezeCgroup(core.kernel.loop, cgroup);
      expect(pidsCurrent(cgroup)).toBeLessThanOrEqual(40);
      await killCgroup(core.kernel.loop, cgroup);
      expect(processesIn(cgroup)).toEqual([]);
      expect(await exited).toEqual({ code: null, signal: SIGKILL });
      removeCgroup(cgroup);
      expect(cgroup.mounts.filter((mount) => existsSync(`${mount}/${cgroup.path}`))).toEqual([]);
      // Of one that is gone there is nothing to kill.
      await killCgroup(core.kernel.loop, cgroup);
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

    test('is read a last time, as exactly as the kernel counts', async () => {
      const args = ['/bin/sh', '-c', 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'];
      await using container = core.container({ args });
      const { exited } = await started(container);
      await exited;
      await untilEmpty(core.kernel.loop, container.cgroup);
      // It is told ended some microseconds before it leaves the cpu.
      const usage = await untilStill('its cpu time', () => cpuUsageNs(container.cgroup));
      const last = readLast(container.cgroup);
      expect(last?.reading.cpuUsageNs).toBe(usage);
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
        // It is told frozen on its way off the cpu.
        const usage = await untilStill('its cpu time', () => cpuUsageNs(cgroup));
        await core.run(['true']);
        expect(cpuUsageNs(cgroup)).toBe(usage);
        await thawCgroup(loop, cgroup);
        expect(isFrozen(cgroup)).toBe(false);
        await until('it goes on', () => cpuUsageNs(cgroup) > usage + 1_000_000n);
      }
      await freezeCgroup(loop, cgroup);
      await killCgroup(loop, cgroup);
      expect(await exited).toEqual({ code: null, signal: SIGKILL });
    });
  });
}

test('an exit record tells of the OOM killer', async () => {
  await using world = await World.make({ agent: false });
  const { id } = await world.run(['tail', '/dev/zero'], { limits: { memoryBytes: 16 * MEBIBYTE } });
  const { state, lastExit } = await world.link.request('wait', { id }, REQUEST_DEADLINE_MS);
  expect(state).toMatchObject({ status: 'exited', exitCode: 137, signal: 'SIGKILL', oomKilled: true });
  expect(lastExit).toMatchObject({ oomKills: '1', memoryPeakBytes: String(16 * MEBIBYTE) });
});
