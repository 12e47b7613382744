import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cgroup, CgroupSampler, discoverCgroupLayout } from '@plimsoll/core';
import { sourcesOf } from '../../packages/core/src/cgroups/sources.ts';
import { summarize } from './lib/statistics.ts';

/**
 * Microseconds per cgroup and sample, as a ratio to a plain C program that reads the same files of the same cgroups in the
 * same run. The cgroups are empty: the kernel's work is the same, and nothing else runs.
 */
const ROUNDS = 50;
const layout = discoverCgroupLayout();
const directory = mkdtempSync(join(tmpdir(), 'plim-bench-'));
const reader = join(directory, 'reader');
const compiled = spawnSync('cc', ['-O2', '-o', reader, join(import.meta.dirname, 'lib/reader.c')], { encoding: 'utf8' });
if (compiled.status !== 0) console.log(`no C compiler here, so no ratio: ${compiled.stderr ?? 'cc is missing'}`);

try {
  for (const count of [10, 50, 200, 1000]) measure(count);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function measure(count: number): void {
  const root = `plimsoll-bench-${process.pid}`;
  const paths = Array.from({ length: count }, (_, i) => `${root}/c${i}`);
  const mounts = new Cgroup(layout, root).mounts;
  for (const mount of mounts) for (const path of [root, ...paths]) mkdirSync(join(mount, path));
  try {
    using sampler = new CgroupSampler(layout);
    for (const path of paths) sampler.add(path);
    const files = paths.flatMap((path) => sourcesOf(new Cgroup(layout, path)).map((source) => source.path));
    const each = files.length / count;
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let block = 0; block < 5; block++) {
      for (let round = 0; round < ROUNDS; round++) {
        const from = performance.now();
        sampler.read();
        ours.push(((performance.now() - from) * 1000) / count);
      }
      if (compiled.status === 0) {
        theirs.push(
          Number.parseFloat(execFileSync(reader, [String(each), String(ROUNDS)], { input: files.join('\n'), encoding: 'utf8' })),
        );
      }
    }
    const own = summarize(ours.slice(ROUNDS)).median;
    const c = summarize(theirs).median;
    console.log(
      `${String(count).padStart(5)} cgroups, ${each} files each: ${own.toFixed(1)} µs a cgroup, C ${c.toFixed(1)} µs, ratio ${(own / c).toFixed(2)}`,
    );
  } finally {
    for (const mount of mounts) for (const path of [...paths, root]) rmdirSync(join(mount, path));
  }
}
