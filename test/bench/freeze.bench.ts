import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freezeCgroup, killCgroup, thawCgroup } from '@plimsoll/core';
import { Core, type TestContainer } from '../support/core.ts';
import { milliseconds, summarize } from './lib/statistics.ts';

/**
 * A group of 20 containers with 200 processes: from the write to the kernel's word that all of it is frozen, or thawed, in
 * core, beside a C program that does the same to the same group in the same run, by turns. Then one kill of it all.
 */
const CONTAINERS = 20;
const PROCESSES = 10;
const ROUNDS = 40;
const TURNS = 5;

const FAMILY = ['/bin/sh', '-c', `i=1; while [ $i -lt ${PROCESSES} ]; do sleep infinity & i=$((i+1)); done; wait`];

// Core's own watches keep no process alive.
const alive = setInterval(() => {}, 1000);
await measure().finally(() => clearInterval(alive));

async function measure(): Promise<void> {
  await using core = await Core.make();
  await using containers = new AsyncDisposableStack();
  const members: TestContainer[] = [];
  for (let i = 0; i < CONTAINERS; i++) {
    const container = containers.use(core.container({ args: FAMILY }));
    await (await container.start()).settle();
    members.push(container);
  }
  const group = members[0]?.cgroup.parent;
  const directory = group?.unifiedFile('');
  if (group === null || group === undefined || directory === null || directory === undefined) {
    console.log('this host has no cgroup v2 tree, and so no cgroup.freeze');
    return;
  }
  const processes = () =>
    members.reduce(
      (sum, { cgroup }) => sum + readFileSync(cgroup.unifiedFile('cgroup.procs') ?? '', 'utf8').split('\n').length - 1,
      0,
    );
  while (processes() < CONTAINERS * PROCESSES) await new Promise((resolve) => setTimeout(resolve, 10));

  const peer = join(core.directory, 'freezer');
  const compiled = spawnSync('cc', ['-O2', '-o', peer, join(import.meta.dirname, 'lib/freezer.c')], { encoding: 'utf8' });
  if (compiled.status !== 0) console.log(`no C compiler here, so no ratio: ${compiled.stderr ?? 'cc is missing'}`);

  const { loop } = core.kernel;
  const ours = { freeze: [] as number[], thaw: [] as number[] };
  const theirs = { freeze: [] as number[], thaw: [] as number[] };
  for (let turn = 0; turn < TURNS; turn++) {
    for (let round = 0; round < ROUNDS; round++) {
      ours.freeze.push(await timed(() => freezeCgroup(loop, group)));
      ours.thaw.push(await timed(() => thawCgroup(loop, group)));
    }
    if (compiled.status !== 0) continue;
    const lines = execFileSync(peer, [directory, String(ROUNDS)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    for (const line of lines) {
      const [freeze = 0, thaw = 0] = line.split(' ').map((nanoseconds) => Number(nanoseconds) / 1e6);
      theirs.freeze.push(freeze);
      theirs.thaw.push(thaw);
    }
  }

  for (const verb of ['freeze', 'thaw'] as const) {
    const [own, c] = [summarize(ours[verb]), summarize(theirs[verb])];
    console.log(`${verb.padEnd(6)} ours  ${milliseconds(own)}`);
    console.log(`${verb.padEnd(6)} C     ${milliseconds(c)}   ratio ${(own.median / c.median).toFixed(2)}`);
  }
  const kill = await timed(() => killCgroup(loop, group));
  console.log(`kill   ours  ${kill.toFixed(2)} ms until no process is left of ${CONTAINERS * PROCESSES}`);
}

async function timed(verb: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await verb();
  return performance.now() - from;
}
