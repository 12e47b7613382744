import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { commandName, processesIn, statFields } from '@plimsoll/core';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { SmallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

/** Looks in a row that find the process waiting, together over a second. */
const THROTTLED_LOOKS = 200;

/** One of its own: while a write is throttled, others to its file system may have to wait for it. */
const disk = SmallDisk.make(32 * 1024 * 1024);
afterAll(() => disk?.[Symbol.dispose]());

let world: World;
beforeEach(async () => void (world = await World.make({ agent: false })));
afterEach(async () => await world[Symbol.asyncDispose]());

test.skipIf(disk === null)(
  'a process that waits for a throttled disk ends late, and its end is on record then',
  async ({ skip }) => {
    const { dev } = statSync(disk!.path);
    const io = [{ device: `${dev >> 8}:${dev & 0xff}`, writeBytesPerS: 1024 }];
    const mounts = [{ kind: 'bind' as const, source: disk!.path, destination: '/disk' }];
    const write = 'dd if=/dev/zero of=/disk/file bs=1M count=1 oflag=direct; sleep infinity';
    // In a pid namespace of its own the first process would not end before the other (pid_namespaces(7)).
    const { id } = await world.run(['sh', '-c', write], { limits: { io }, mounts, namespaces: { pid: 'host', user: 'host' } });
    const pids = () => processesIn(world.cgroup(`default/${id}`));
    const waits = () => pids().some((pid) => commandName(pid) === 'dd' && statFields(pid)?.[0] === 'D');
    // A process that reads its program from a slow disk is in D for a moment as well.
    let looks = 0;
    await until('it goes on waiting, or has written', () => {
      looks = waits() ? looks + 1 : 0;
      return looks === THROTTLED_LOOKS || pids().some((pid) => commandName(pid) === 'sleep');
    });
    if (!waits()) skip('this host throttles no write of a container');
    const killed = world.link.request('kill', { id }, REQUEST_DEADLINE_MS);
    const log = () => readFileSync(join(world.directory, 'supervisor.log'), 'utf8');
    await until('it takes longer than a kill mostly does', () => log().includes(`the processes of cgroup`));
    await world.link.request('update', { id, limits: { io: [] } }, REQUEST_DEADLINE_MS);
    expect((await killed).state).toMatchObject({ status: 'exited', signal: 'SIGKILL' });
  },
);
