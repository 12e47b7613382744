import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { ownDirectory, removeLeftoversOfOthers } from '../support/leftovers.ts';
import { cgroupsNamed } from '../support/named-cgroups.ts';

const PROGRAM = join(import.meta.dirname, '../support/abandoned-world.ts');

interface Abandoned {
  directory: string;
  cgroup: string;
  /** Of its supervisor, and of its container's first process. */
  pids: [number, number];
}

let child: ChildProcess;
afterEach(() => {
  child.kill('SIGKILL');
  removeLeftoversOfOthers(ownDirectory());
});

/** A process that has made a world with a container, as a file of tests does. */
async function abandoned(): Promise<Abandoned> {
  child = spawn(process.execPath, [PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return JSON.parse(line) as Abandoned;
}

async function end(signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit');
  child.kill(signal);
  expect(await exited).toEqual([null, signal]);
}

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`);
const left = ({ directory, cgroup, pids }: Abandoned) => ({
  directory: existsSync(directory),
  cgroups: cgroupsNamed(cgroup).length > 0,
  processes: pids.map(isThere),
});
const NOTHING = { directory: false, cgroups: false, processes: [false, false] };
const ALL = { directory: true, cgroups: true, processes: [true, true] };

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('a test process that %s ends leaves nothing', async (signal) => {
  const world = await abandoned();
  expect(left(world)).toEqual(ALL);
  await end(signal);
  // Its processes are init's to reap.
  await expect.poll(() => left(world)).toEqual(NOTHING);
});

test('the next run removes the leftovers of a killed test process, and nothing of one that runs', async () => {
  const world = await abandoned();
  removeLeftoversOfOthers(ownDirectory());
  expect(left(world)).toEqual(ALL);
  await end('SIGKILL');
  expect(left(world)).toMatchObject({ directory: true, cgroups: true });
  removeLeftoversOfOthers(ownDirectory());
  await expect.poll(() => left(world)).toEqual(NOTHING);
});
