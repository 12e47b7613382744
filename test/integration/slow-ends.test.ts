import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { commandName, processesIn, statFields } from '@plimsoll/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownDirectory } from '../support/leftovers.ts';
import { until } from '../support/until.ts';
import { REQUEST_DEADLINE_MS, World } from '../support/world.ts';

/** Where the state of a world lies; null: that is no whole disk. */
const disk = (({ dev }) => (existsSync(`/sys/dev/block/${dev >> 8}:${dev & 0xff}/queue`) ? `${dev >> 8}:${dev & 0xff}` : null))(
  statSync(ownDirectory()),
);

let world: World;
beforeEach(async () => void (world = await World.make({ agent: false })));
afterEach(async () => await world[Symbol.asyncDispose]());

test.skipIf(disk === null)(
  'a process that waits for a throttled disk ends late, and its end is on record then',
  async ({ skip }) => {
    const io = [{ device: disk ?? '', writeBytesPerS: 1024 }];
    const write = 'dd if=/dev/zero of=/file bs=1M count=1 oflag=direct; sleep infinity';
    // In a pid namespace of its own the first process would not end before the other (pid_namespaces(7)).
    const { id } = await world.run(['sh', '-c', write], { limits: { io }, namespaces: { pid: 'host', user: 'host' } });
    const pids = () => processesIn(world.cgroup(`default/${id}`));
    const waits = () => pids().some((pid) => statFields(pid)?.[0] === 'D');
    // The state may lie on another disk, or on none.
    await until('it waits, or has written', () => waits() || pids().some((pid) => commandName(pid) === 'sleep'));
    if (!waits()) skip('this host throttles no write of a container');
    const killed = world.link.request('kill', { id }, REQUEST_DEADLINE_MS);
    const log = () => readFileSync(join(world.directory, 'supervisor.log'), 'utf8');
    await until('it takes longer than a kill mostly does', () => log().includes(`the processes of cgroup`));
    await world.link.request('update', { id, limits: { io: [] } }, REQUEST_DEADLINE_MS);
    expect((await killed).state).toMatchObject({ status: 'exited', signal: 'SIGKILL' });
  },
);
