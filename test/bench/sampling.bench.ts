import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CgroupSampler, discoverCgroupLayout } from '@plimsoll/core';
import { Sampler } from '../../apps/agent/src/agent/sampling/sampler.ts';
import { baseSources, detailSources } from '../../packages/core/src/cgroups/sources.ts';
import { PopulatedCgroups } from './lib/populated-cgroups.ts';
import { summarize } from './lib/statistics.ts';

/**
 * Microseconds of cpu time per cgroup and tick at what a tick really reads, as a ratio to a plain C program that reads the
 * same files of the same cgroups in the same way, in turns with it. Then what a second of the agent's whole sampling costs: figures,
 * history and the table's frame.
 */
const COUNTS = [10, 50, 200, 500, 1000, 2000];
const TURNS = 10;
const BLOCKS = 6;
const TICK_MS = 1000;
const WHOLE_SECONDS = 15;
/** Until the code is compiled: an agent runs for weeks. */
const WARM_TICKS = 60;

const host = discoverCgroupLayout();
// What is read of; a v1 cpuset takes no process before it has cpus.
const controllers = [...host.controllers].filter(([name]) => !['cpuset', 'freezer', 'devices'].includes(name));
const layout = { ...host, controllers: new Map(controllers) };
const base = baseSources(layout);
const detail = detailSources(layout);
const directory = mkdtempSync(join(tmpdir(), 'plim-bench-'));
const reader = join(directory, 'reader');
const compiled = spawnSync('cc', ['-O2', '-o', reader, join(import.meta.dirname, 'lib/reader.c')], { encoding: 'utf8' });
if (compiled.status !== 0) console.log(`no C compiler here, so no ratio: ${compiled.stderr ?? 'cc is missing'}`);

try {
  for (const count of COUNTS) {
    await using cgroups = await PopulatedCgroups.make(layout, count);
    measure(cgroups.paths);
    await measureWhole(cgroups.paths);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function measure(paths: readonly string[]): void {
  using sampler = new CgroupSampler(layout);
  for (const path of paths) sampler.add(path);
  const targets = paths.map((path) => ({ path, pid: null, lacksFirst: false }));
  // Without a network: there is no container.
  const files = targets.flatMap((target) => [...base, ...detail].map(({ pathOf }) => pathOf(target) || '/nowhere'));
  const rounds = TURNS * Math.max(2, Math.ceil(4000 / paths.length / TURNS));
  let nowMs = 0;
  /** Of all threads: what the garbage collector does is ours too. */
  const block = (): number => {
    const before = process.cpuUsage();
    for (let i = 0; i < rounds; i++) sampler.read((nowMs += TICK_MS));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / rounds / paths.length;
  };
  for (let i = 0; i < 2; i++) block();
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < BLOCKS; i++) {
    ours.push(block());
    if (compiled.status !== 0) continue;
    const shape = [base.length, detail.length, rounds].map(String);
    theirs.push(Number.parseFloat(execFileSync(reader, shape, { input: files.join('\n'), encoding: 'utf8' })));
  }
  const [own, c] = [summarize(ours).median, summarize(theirs).median];
  console.log(
    `${String(paths.length).padStart(5)} cgroups: ${own.toFixed(1)} µs of cpu each a tick, C ${c.toFixed(1)} µs, ratio ${(own / c).toFixed(2)}`,
  );
}

/** The agent's sampler at its own pace. */
async function measureWhole(paths: readonly string[]): Promise<void> {
  using sampler = new Sampler(() => new CgroupSampler(layout), TICK_MS);
  sampler.on('tick', () => void sampler.tableFrame());
  paths.forEach((path, i) => sampler.start(i + 1, path));
  for (let i = 0; i < WARM_TICKS; i++) sampler.tick();
  await delay(2 * TICK_MS);
  const before = process.cpuUsage();
  await delay(WHOLE_SECONDS * TICK_MS);
  const { user, system } = process.cpuUsage(before);
  console.log(
    `${''.padStart(5)} at 1 s, figures and history too: ${((user + system) / 1e4 / WHOLE_SECONDS).toFixed(2)} % of one cpu`,
  );
}
