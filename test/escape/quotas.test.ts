// @module-tag kernel

import { readFileSync } from 'node:fs';
import { idMap, type OciConfig } from '@plimsoll/core';
import { expect, test } from 'vitest';
import type { TestContainer } from '../support/core.ts';
import { describeAttempts } from '../support/escape/attempt.ts';
import type { Ground } from '../support/escape/ground.ts';
import { hostsRoot, type Weakening } from '../support/escape/weaken.ts';
import { until } from '../support/until.ts';

/** First ids of two ranges. */
const [ITS_OWN, ANOTHERS] = [1_930_000_000, 1_940_000_000];
/** An id of the host that has no process: its quotas are as those of any other user. */
const SOMEBODY = 54_321;

/** What the kernel counts by user, and how many of them a second container takes. */
const KINDS = [
  { kind: 'inotify', many: 64 },
  { kind: 'timers', many: 100 },
  { kind: 'signals', many: 100 },
  { kind: 'queues', many: 4 },
] as const;
const BOUND_BY_RLIMITS = KINDS.filter(({ kind }) => kind !== 'inotify');

type Edit = (config: OciConfig) => void;

const ofRange =
  (first: number): Edit =>
  ({ linux }) =>
    void Object.assign(linux, { uidMappings: idMap(first), gidMappings: idMap(first) });

const asSomebodyOfTheHost: Edit = (config) => {
  hostsRoot.edit?.(config);
  const { process } = config;
  process.user = { uid: SOMEBODY, gid: SOMEBODY };
  Object.assign(process.capabilities, { effective: [], permitted: [], inheritable: [] });
};

/** With the limits of the host's processes. */
const unbound: Weakening = {
  what: 'without rlimits',
  edit: ({ process }) =>
    void (process.rlimits = [
      ['RLIMIT_SIGPENDING', 'Max pending signals'],
      ['RLIMIT_MSGQUEUE', 'Max msgqueue size'],
    ].map(([type = '', name = '']) => ({ type, soft: hardLimit(name), hard: hardLimit(name) }))),
};

function hardLimit(name: string): number {
  const [, hard] = new RegExp(`^${name} +\\w+ +(\\d+)`, 'm').exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return Number(hard);
}

function container(ground: Ground, words: string[], ...edits: Edit[]): TestContainer {
  const options = () => ({ edit: (config: OciConfig) => edits.forEach((edit) => edit(config)) });
  return ground.container({ title: '', after: '', attempt: () => words, options, weakened: unbound });
}

/** Resolves when the container has taken all that the kernel lets it have. It is killed at its disposal. */
async function hoard(ground: Ground, kind: string, ...edits: Edit[]): Promise<TestContainer & { count: number }> {
  const hoarder = container(ground, ['hoard', kind], ...edits);
  const started = await hoarder.start();
  await started.settle();
  let output = '';
  await until(`all ${kind} are taken`, () => (output += hoarder.output().stdout).includes('took'));
  const count = Number(/^took (\d+) /.exec(output)?.[1]);
  expect(count).toBeGreaterThan(0);
  return { ...hoarder, count };
}

/** The verdict of a container that takes some. */
async function takes(ground: Ground, kind: string, many: number, ...edits: Edit[]): Promise<string> {
  await using taker = container(ground, ['take', kind, String(many)], ...edits);
  const started = await taker.start();
  await started.process.exited;
  await started.settle();
  return taker.output().stdout.trim();
}

describeAttempts([], (ground) => {
  test.each(KINDS)('a container that takes all $kind leaves others theirs', async ({ kind, many }) => {
    await using _ = await hoard(ground(), kind, ofRange(ITS_OWN));
    expect(ground().onHost('take', kind, '1')).toBe(`escaped: took 1 ${kind}`);
    expect(await takes(ground(), kind, many, ofRange(ANOTHERS))).toBe(`escaped: took ${many} ${kind}`);
  });

  test.each(KINDS)('it leaves none of its $kind to a container with its range of ids', async ({ kind }) => {
    await using _ = await hoard(ground(), kind, ofRange(ITS_OWN));
    expect(await takes(ground(), kind, 1, ofRange(ITS_OWN))).toMatch(`held: take ${kind} after 0: E`);
  });

  test.each(BOUND_BY_RLIMITS)("in the host's user namespace it leaves users of the host some $kind", async ({ kind, many }) => {
    await using _ = await hoard(ground(), kind, asSomebodyOfTheHost);
    const left = await takes(ground(), kind, many, asSomebodyOfTheHost, (config) => unbound.edit?.(config));
    expect(left).toBe(`escaped: took ${many} ${kind}`);
  });

  test.each(BOUND_BY_RLIMITS)(`but none ${unbound.what}: $kind`, async ({ kind }) => {
    await using _ = await hoard(ground(), kind, asSomebodyOfTheHost, (config) => unbound.edit?.(config));
    const left = await takes(ground(), kind, 1, asSomebodyOfTheHost, (config) => unbound.edit?.(config));
    expect(left).toMatch(`held: take ${kind} after 0: E`);
  });

  test('of the terminals that all containers share it takes as many as its /dev/pts has', async () => {
    await using hoarder = await hoard(ground(), 'terminals');
    expect(hoarder.count).toBe(256);
    // Each takes one more from the host's: the figure shows what bounds it.
    await using other = await hoard(ground(), 'terminals', ({ mounts }) => {
      for (const mount of mounts) mount.options = mount.options.map((option) => (option === 'max=256' ? 'max=257' : option));
    });
    expect(other.count).toBe(257);
  });

  test('a container makes no more than 1,024 namespaces of a type', async () => {
    const names = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'];
    const script = names.map((name) => `cat /proc/sys/user/max_${name}_namespaces`).join('; ');
    expect(await ground().core.shell(script)).toBe(names.map(() => '1024').join('\n'));
  });
});
