// @module-tag kernel

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  Cgroup,
  DEFAULT_DEVICE_RULES,
  ensureCgroup,
  LimitInUse,
  LimitRefused,
  MissingController,
  removeCgroup,
  updateCgroup,
  type CgroupLayout,
  type Controller,
} from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourcesForChange, resourcesOf } from '../../apps/agent/src/resources.ts';
import type { Limits } from '@plimsoll/protocol';
import { Core, type TestContainer } from '../support/core.ts';
import {
  cpuQuota,
  cpusInForce,
  cpuWeight,
  hasSwapAccounting,
  isV2,
  ioLimit,
  ioWeights,
  memoryLimitBytes,
  memorySoftLimitBytes,
  memorySplit,
  pidsLimit,
  swapLimitBytes,
} from '../support/kernel-files.ts';
import { HOST_LAYOUT, LAYOUTS } from '../support/layouts.ts';
import { until } from '../support/until.ts';

const MEBIBYTE = 1024 * 1024;
const SLEEPING = ['sleep', 'infinity'];
const CPUS = readFileSync('/sys/devices/system/cpu/online', 'utf8').trim();
/** A whole disk of this host. */
const DISK = readdirSync('/sys/block')
  .filter((name) => /^(?:vd|sd|nvme|xvd)/.test(name))
  .map((name) => readFileSync(`/sys/block/${name}/dev`, 'utf8').trim())[0];

/** Everything that is limited, as the kernel has it. */
function inForce(cgroup: Cgroup) {
  return {
    quotaUs: cpuQuota(cgroup).quotaUs,
    cpuWeight: cpuWeight(cgroup),
    cpus: cpusInForce(cgroup),
    memoryBytes: memoryLimitBytes(cgroup),
    memoryHighBytes: memorySoftLimitBytes(cgroup),
    swapBytes: hasSwapAccounting(cgroup) ? swapLimitBytes(cgroup) : null,
    pids: pidsLimit(cgroup),
    readBytesPerS: DISK === undefined ? null : ioLimit(cgroup, DISK, 'readBytesPerSecond'),
    writeOpsPerS: DISK === undefined ? null : ioLimit(cgroup, DISK, 'writeOpsPerSecond'),
  };
}

const UNLIMITED = {
  quotaUs: null,
  cpuWeight: 100,
  cpus: CPUS,
  memoryBytes: null,
  memoryHighBytes: null,
  swapBytes: null,
  pids: null,
  readBytesPerS: null,
  writeOpsPerS: null,
};

describe.each(LAYOUTS)('limits on $name', ({ layout, there }) => {
  describe.runIf(there)('where it is there', () => {
    let core: Core;
    beforeAll(async () => void (core = await Core.make({ layout })));
    afterAll(async () => await core?.[Symbol.asyncDispose]());

    async function running(limits: Limits = {}): Promise<TestContainer> {
      const container = core.container({ args: SLEEPING, limits });
      await (await container.start()).settle();
      return container;
    }

    const ALL: Limits = {
      cpus: 0.5,
      cpuWeight: 250,
      cpusetCpus: '0',
      memoryBytes: 64 * MEBIBYTE,
      memoryHighBytes: 48 * MEBIBYTE,
      pids: 17,
      ...(DISK !== undefined && { io: [{ device: DISK, readBytesPerS: MEBIBYTE, writeOpsPerS: 50 }] }),
    };
    const ALL_IN_FORCE = {
      quotaUs: 50_000,
      cpuWeight: 250,
      cpus: '0',
      memoryBytes: 64 * MEBIBYTE,
      memoryHighBytes: 48 * MEBIBYTE,
      swapBytes: null,
      pids: 17,
      readBytesPerS: DISK === undefined ? null : MEBIBYTE,
      writeOpsPerS: DISK === undefined ? null : 50,
    };

    test('are there from the beginning', async () => {
      await using container = await running(ALL);
      expect(inForce(container.cgroup)).toEqual(ALL_IN_FORCE);
    });

    test('change while it runs, are told as the kernel has them, and are taken away again', async () => {
      await using container = await running();
      const { cgroup } = container;
      expect(inForce(cgroup)).toEqual(UNLIMITED);
      const answers = updateCgroup(cgroup, resourcesForChange({}, ALL));
      expect(inForce(cgroup)).toEqual(ALL_IN_FORCE);
      for (const { file, reads } of answers) expect(readFileSync(file, 'utf8')).toContain(reads);
      expect(answers.map(({ reads }) => reads)).toContain('17');

      updateCgroup(cgroup, resourcesForChange(ALL, { pids: null, cpus: 1.5 }));
      expect(inForce(cgroup)).toEqual({ ...ALL_IN_FORCE, pids: null, quotaUs: 150_000 });

      const none = Object.fromEntries(Object.keys(ALL).map((name) => [name, null]));
      updateCgroup(cgroup, resourcesForChange(ALL, none));
      expect(inForce(cgroup)).toEqual(UNLIMITED);
    });

    test('on swap move up and down with the memory limit', async ({ skip }) => {
      await using container = await running();
      const { cgroup } = container;
      if (!hasSwapAccounting(cgroup)) return skip('this kernel does not count swap by cgroup');
      let limits: Limits = {};
      const change = (next: Limits) => {
        updateCgroup(cgroup, resourcesForChange(limits, next));
        limits = { ...limits, ...next };
        return [memoryLimitBytes(cgroup), swapLimitBytes(cgroup)];
      };
      expect(change({ memoryBytes: 32 * MEBIBYTE, swapBytes: 8 * MEBIBYTE })).toEqual([32 * MEBIBYTE, 8 * MEBIBYTE]);
      expect(change({ memoryBytes: 64 * MEBIBYTE })).toEqual([64 * MEBIBYTE, 8 * MEBIBYTE]);
      expect(change({ memoryBytes: 16 * MEBIBYTE, swapBytes: 0 })).toEqual([16 * MEBIBYTE, 0]);
      updateCgroup(cgroup, resourcesForChange(limits, { memoryBytes: null, swapBytes: null }));
      expect([memoryLimitBytes(cgroup), swapLimitBytes(cgroup)]).toEqual([null, null]);
    });

    test('that are refused change nothing, those beside them included', async () => {
      await using container = core.container({ args: ['/bin/sh', '-c', 'head -c 40m /dev/zero | tail'] });
      await (await container.start()).settle();
      const { cgroup } = container;
      await until('it holds memory', () => memorySplit(cgroup).anonBytes > 32 * MEBIBYTE);
      const before = inForce(cgroup);
      const change = (limits: Limits) => () => updateCgroup(cgroup, resourcesForChange({}, { pids: 9, cpus: 0.3, ...limits }));
      expect(change({ memoryBytes: 4 * MEBIBYTE })).toThrow(isV2(cgroup, 'memory') ? LimitInUse : LimitRefused);
      expect(inForce(cgroup)).toEqual(before);
      expect(change({ cpusetCpus: '4095' })).toThrow(LimitRefused);
      expect(change({ io: [{ device: '0:7', readBytesPerS: 1 }] })).toThrow(LimitRefused);
      expect(inForce(cgroup)).toEqual(before);
    });

    test('of a group hold whoever is in it, and a choice of cpus reaches them all', async ({ skip }) => {
      if (CPUS !== '0-1') return skip(`this host's cpus are ${CPUS}, and the test is written for two`);
      await using container = await running();
      await using chosen = await running({ cpusetCpus: '1' });
      const group = container.cgroup.parent as Cgroup;
      updateCgroup(group, resourcesForChange({}, { cpusetCpus: '1' }));
      expect([container, chosen].map(({ cgroup }) => cpusInForce(cgroup))).toEqual(['1', '1']);
      updateCgroup(group, resourcesForChange({ cpusetCpus: '1' }, { cpusetCpus: null }));
      expect(cpusInForce(container.cgroup)).toBe('0-1');
      updateCgroup(chosen.cgroup, resourcesForChange({ cpusetCpus: '1' }, { cpusetCpus: null }));
      expect(cpusInForce(chosen.cgroup)).toBe('0-1');
    });

    test('on io weight are the scheduler’s, whichever there are, and are taken away again', async () => {
      await using container = await running();
      const { cgroup } = container;
      const weights = () => ioWeights(cgroup);
      const none = weights();
      const set = (before: Limits, change: Parameters<typeof resourcesForChange>[1]) => () =>
        updateCgroup(cgroup, resourcesForChange(before, change));
      if (none.length === 0) return expect(set({}, { ioWeight: 300 })).toThrow(MissingController);
      set({}, { ioWeight: 300 })();
      expect(weights()).toEqual(none.map(({ file }) => ({ file, weight: file === 'io.weight' ? 300 : 40 })));
      set({ ioWeight: 300 }, { ioWeight: null })();
      expect(weights().find(({ file }) => file === 'io.weight')?.weight ?? 100).toBe(100);
    });

    test.each<[Controller, Limits]>([
      ['cpu', { cpus: 1 }],
      ['cpuset', { cpusetCpus: '0' }],
      ['memory', { memoryBytes: 8 * MEBIBYTE }],
      ['pids', { pids: 3 }],
      ['io', { io: [{ device: '254:0', readBytesPerS: 1 }] }],
    ])('without the %s controller are refused by its name, and all else works', async (missing, limits) => {
      const controllers = new Map([...layout.controllers].filter(([name]) => name !== missing));
      const poor: CgroupLayout = { ...layout, controllers };
      await using lacking = await Core.make({ layout: poor });
      await using container = lacking.container({ args: SLEEPING });
      await (await container.start()).settle();
      expect(() => updateCgroup(container.cgroup, resourcesOf(limits))).toThrow(MissingController);
      expect(() => updateCgroup(container.cgroup, resourcesOf(limits))).toThrow(`the ${missing} controller`);
      const other: Limits = missing === 'pids' ? { cpus: 0.5 } : { pids: 7 };
      expect(updateCgroup(container.cgroup, resourcesOf(other)).map(({ reads }) => reads)).toEqual([
        missing === 'pids' ? (isV2(container.cgroup, 'cpu') ? '50000 100000' : '50000') : '7',
      ]);
    });
  });
});

describe.runIf(HOST_LAYOUT.unified !== null)('the device list on the v2 tree', () => {
  test('is an eBPF program on the root, which everything below it is held to, and is attached once', async () => {
    const controllers = new Map([...HOST_LAYOUT.controllers].filter(([name]) => name !== 'devices'));
    const root = `plimsoll-test-${process.pid}`;
    const cgroup = new Cgroup({ ...HOST_LAYOUT, controllers }, `${root}/group`);
    try {
      ensureCgroup(cgroup, DEFAULT_DEVICE_RULES);
      // Were a second one attached, both would have to agree: that would not be seen, so the first is another list.
      ensureCgroup(cgroup, [{ allow: false }]);
      // No process may be in a cgroup that passes controllers on.
      const leaf = `${HOST_LAYOUT.unified}/${root}/leaf`;
      mkdirSync(leaf);
      const look = async (script: string) => {
        const child = spawn('/bin/sh', ['-c', `read go; ${script}`], { stdio: ['pipe', 'ignore', 'ignore'] });
        writeFileSync(`${leaf}/cgroup.procs`, `${child.pid}`);
        child.stdin.end('go\n');
        const [code] = (await once(child, 'exit')) as [number];
        return code;
      };
      expect(await look('echo x > /dev/null && head -c 1 /dev/zero')).toBe(0);
      expect(await look('head -c 1 /dev/kmsg')).not.toBe(0);
      expect(await look('exec 3</dev/fuse')).not.toBe(0);
    } finally {
      for (const path of [`${root}/leaf`, `${root}/group`, root]) removeCgroup(new Cgroup(cgroup.layout, path));
    }
  });
});
