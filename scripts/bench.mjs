// Runs test/bench/*.bench.ts one after another, or those whose names are given: npm run bench -- start sampling
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BENCH_TOOLS, ensureDebianTools } from './lib/debian-tools.mjs';
import { requireLinuxRoot } from './lib/host.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { node24, REPOSITORY, toolEnvironment } from './lib/paths.mjs';

const SUFFIX = '.bench.ts';
const DIRECTORY = join(REPOSITORY, 'test/bench');

requireLinuxRoot('npm run bench');
/** @param {string} line */
const say = (line) => console.log(line);
ensureInstalled(say);
ensureDebianTools(BENCH_TOOLS, say);

const all = existsSync(DIRECTORY)
  ? readdirSync(DIRECTORY)
      .filter((file) => file.endsWith(SUFFIX))
      .toSorted()
  : [];
const names = all.map((file) => basename(file, SUFFIX));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are: ${names.join(', ')}.`);
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : names) {
  console.log(`\n${name}`);
  const { status } = spawnSync(node24(), [join(DIRECTORY, name + SUFFIX)], {
    cwd: REPOSITORY,
    env: toolEnvironment(),
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
