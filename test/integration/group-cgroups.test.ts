// @module-tag kernel

import {
  freezeCgroup,
  isAskedToFreeze,
  isFrozen,
  killCgroup,
  processesIn,
  releaseFreeze,
  thawCgroup,
  type Cgroup,
} from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Core, type TestContainer } from '../support/core.ts';
import { cpuUsageNs } from '../support/kernel-files.ts';
import { LAYOUTS } from '../support/layouts.ts';
import { until, untilStill } from '../support/until.ts';

const MEMBERS = 5;
/** One that runs, and one that begins others all the time. */
const RESTLESS = ['/bin/sh', '-c', 'while :; do true & wait; done'];

describe.each(LAYOUTS)("a group's cgroup on $name", ({ layout, there }) => {
  describe.runIf(there)('where it is there', () => {
    let core: Core;
    /** Where nothing is frozen. */
    let beside: Core;
    beforeAll(async () => {
      core = await Core.make({ layout });
      beside = await Core.make({ layout });
    });
    afterAll(async () => {
      await core?.[Symbol.asyncDispose]();
      await beside?.[Symbol.asyncDispose]();
    });

    /** Members of one group that fork all the time. */
    async function members(stack: AsyncDisposableStack): Promise<{ group: Cgroup; containers: TestContainer[] }> {
      const containers: TestContainer[] = [];
      for (let i = 0; i < MEMBERS; i++) {
        const container = stack.use(core.container({ args: RESTLESS }));
        await (await container.start()).settle();
        containers.push(container);
      }
      return { group: containers[0]?.cgroup.parent as Cgroup, containers };
    }

    test('freezes every member at once, whatever they begin meanwhile, and thaws them', async () => {
      await using stack = new AsyncDisposableStack();
      const { group, containers } = await members(stack);
      const { loop } = core.kernel;
      await freezeCgroup(loop, group);
      expect(isAskedToFreeze(group)).toBe(true);
      for (const { cgroup } of containers) {
        expect([isFrozen(cgroup), isAskedToFreeze(cgroup)]).toEqual([true, false]);
        // What is taken back of itself changes nothing while the group holds it.
        releaseFreeze(cgroup);
        expect(isFrozen(cgroup)).toBe(true);
      }
      // Each is told frozen on its way off the cpu.
      const usage = () => containers.map(({ cgroup }) => cpuUsageNs(cgroup));
      const still = await untilStill('their cpu time', usage);
      await beside.run(['true']);
      expect(usage()).toEqual(still);
      await thawCgroup(loop, group);
      expect(containers.map(({ cgroup }) => isFrozen(cgroup))).toEqual(containers.map(() => false));
      await until('all go on', () => usage().every((now, i) => now > (still[i] ?? 0n)));
    });

    test('keeps one frozen that was frozen itself', async () => {
      await using stack = new AsyncDisposableStack();
      const { group, containers } = await members(stack);
      const { loop } = core.kernel;
      const [own, other] = containers as [TestContainer, TestContainer];
      await freezeCgroup(loop, own.cgroup);
      await freezeCgroup(loop, group);
      await thawCgroup(loop, group);
      expect([own, other].map(({ cgroup }) => isFrozen(cgroup))).toEqual([true, false]);
      await thawCgroup(loop, own.cgroup);
    });

    test.each([false, true])('dies whole with one kill; frozen: %s', async (frozen) => {
      await using stack = new AsyncDisposableStack();
      const { group, containers } = await members(stack);
      if (frozen) await freezeCgroup(core.kernel.loop, group);
      await killCgroup(core.kernel.loop, group);
      expect(containers.map(({ cgroup }) => processesIn(cgroup))).toEqual(containers.map(() => []));
      if (frozen && isAskedToFreeze(group)) await thawCgroup(core.kernel.loop, group);
    });
  });
});
