// @module-tag kernel

import { readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { namespacePath, type OciLinux, type Started } from '@plimsoll/core';
import { Core } from '../support/core.ts';
import { probeLayer, WITHOUT_PROBE } from '../support/probe/probe.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { until } from '../support/until.ts';

const SECOND = 1_000_000_000;
/** What passes between two looks at a clock. */
const MEANWHILE = 20 * SECOND * SLOWNESS;

let core: Core;
beforeAll(async () => {
  core = await Core.make();
});
afterAll(async () => await core[Symbol.asyncDispose]());

const offsets: NonNullable<OciLinux['timeOffsets']> = {
  monotonic: { secs: 1_000_000, nanosecs: 500 },
  boottime: { secs: 2_000_000, nanosecs: 0 },
};

/** The first process enters its time namespace within its exec, shortly after its start has resolved. */
async function untilInTime({ process: { pid } }: Started): Promise<void> {
  const host = readlinkSync(namespacePath(process.pid, 'time'));
  await until('it is in its time namespace', () => readlinkSync(namespacePath(pid, 'time')) !== host);
}

describe.skipIf(WITHOUT_PROBE !== null)(`the clocks of a container${WITHOUT_PROBE === null ? '' : ` (${WITHOUT_PROBE})`}`, () => {
  let layers: string[];
  beforeAll(() => void (layers = [probeLayer(core.directory), ...core.baseLayers]));

  const clocks = async (linux: Partial<OciLinux>) => {
    const printed = await core.shell('/probe clocks', { layers, edit: (config) => void Object.assign(config.linux, linux) });
    const [real = 0, monotonic = 0, boottime = 0] = printed.split(' ').map(Number);
    return { real, monotonic, boottime };
  };

  test('are ahead of the host’s by its offsets, all but the calendar’s', async () => {
    const plain = await clocks({});
    const ahead = await clocks({ timeOffsets: offsets });
    expect(ahead.real - plain.real).toBeLessThan(MEANWHILE);
    expect(Math.abs(ahead.monotonic - plain.monotonic - 1_000_000 * SECOND)).toBeLessThan(MEANWHILE);
    expect(Math.abs(ahead.boottime - plain.boottime - 2_000_000 * SECOND)).toBeLessThan(MEANWHILE);
  });

  test('can be behind them', async () => {
    const before = await clocks({});
    const behind = await clocks({ timeOffsets: { monotonic: { secs: -10, nanosecs: 0 } } });
    const after = await clocks({});
    expect(behind.monotonic + 10 * SECOND).toBeGreaterThan(before.monotonic);
    expect(behind.monotonic + 10 * SECOND).toBeLessThan(after.monotonic);
  });

  test('are those of another container whose time namespace it joins', async () => {
    await using other = core.container({ args: ['sleep', 'infinity'], edit: ({ linux }) => void (linux.timeOffsets = offsets) });
    const started = await other.start();
    await started.settle();
    await untilInTime(started);
    const namespaces = other.request.config.linux.namespaces.map(({ type }) =>
      type === 'time' ? { type, path: namespacePath(started.process.pid, 'time') } : { type },
    );
    const plain = await clocks({});
    const joined = await clocks({ namespaces });
    expect(Math.abs(joined.monotonic - plain.monotonic - 1_000_000 * SECOND)).toBeLessThan(MEANWHILE);
  });
});

test('/proc tells an uptime by its own clock, and the host’s goes on as it was', async () => {
  const uptime = async (linux: Partial<OciLinux>) =>
    Number.parseFloat(await core.shell('cat /proc/uptime', { edit: (config) => void Object.assign(config.linux, linux) }));
  const monotonic = process.hrtime.bigint();
  const plain = await uptime({});
  expect((await uptime({ timeOffsets: offsets })) - plain).toBeGreaterThanOrEqual(1_999_999);
  expect((await uptime({})) - plain).toBeLessThan(MEANWHILE / SECOND);
  expect(Number(process.hrtime.bigint() - monotonic)).toBeLessThan(MEANWHILE);
});

test.each([
  ['its own', false],
  ['another’s', true],
])('the times of a start are the host’s, whatever clock the first process reads: %s', async (_, joins) => {
  await using other = core.container({ args: ['sleep', 'infinity'], edit: ({ linux }) => void (linux.timeOffsets = offsets) });
  const running = await other.start();
  let birth = await running.settle();
  if (joins) {
    await untilInTime(running);
    const path = namespacePath(running.process.pid, 'time');
    await using container = core.container({
      args: ['true'],
      edit: ({ linux }) =>
        void (linux.namespaces = linux.namespaces.map(({ type }) => (type === 'time' ? { type, path } : { type }))),
    });
    const started = await container.start();
    birth = await started.settle();
    await started.process.exited;
  }
  const times = birth.flatMap(({ atNs }) => (atNs === null ? [] : [atNs]));
  expect(times.length).toBeGreaterThan(100);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.at(-1)).toBeLessThan(MEANWHILE);
});
