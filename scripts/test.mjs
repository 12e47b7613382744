// Everything that is checked, in one run: lint, types, and the unit, integration, escape and browser tests; where CI is set, also
// what runs in virtual machines. Plain JavaScript for the Node that the system has. `npm test -- unit browser` runs these lanes,
// `npm test -- path/to/file` that file in its lane, and `--full` (`npm run test:full`) all that takes too long for every run.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDebianTools, TEST_TOOLS } from './lib/debian-tools.mjs';
import { requireLinuxRoot } from './lib/host.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { interruptible } from './lib/interruption.mjs';
import { report, total } from './lib/lane-result.mjs';
import { CI_LANES, LANES } from './lib/lanes.mjs';
import { node24, REPOSITORY } from './lib/paths.mjs';
import { ensurePrometheus } from './lib/prometheus.mjs';
import { runLanes } from './lib/run-lanes.mjs';
import { ensureStandardProfiles } from './lib/standard-profiles.mjs';
import { laneOf } from './lib/test-files.mjs';

/** @param {string} line */
const say = (line) => console.log(line);

const { values, positionals } = parseArgs({ options: { full: { type: 'boolean', default: false } }, allowPositionals: true });
const { full } = values;
const chosen = choose(positionals);

requireLinuxRoot('npm test');
ensureInstalled(say);
ensureDebianTools(TEST_TOOLS, say);
ensureStandardProfiles(say);
ensurePrometheus(say);
// As `npm start` does: tests start the command line that is built from these sources.
execFileSync(node24(), [join(REPOSITORY, 'apps/agent/scripts/bundle.mjs')], { stdio: 'inherit' });

const results = await interruptible((signal) => runLanes(chosen, { signal, full }));
for (const line of report(results)) say(line);
const { passed, failed } = total(results);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/**
 * @param {readonly string[]} words lanes and paths of test files
 * @returns {Map<string, string[]>} files of each lane; none: all
 */
function choose(words) {
  const leftOut = new Set(process.env['CI'] || full ? [] : CI_LANES);
  if (words.length === 0) return new Map(Object.keys(LANES).flatMap((lane) => (leftOut.has(lane) ? [] : [[lane, []]])));
  /** @type {Map<string, string[]>} */
  const lanes = new Map(words.filter((word) => Object.hasOwn(LANES, word)).map((word) => [word, []]));
  for (const word of words.filter((word) => !lanes.has(word))) {
    const found = laneOf(word);
    if (found === null) {
      console.error(`"${word}" is no test file and no lane; the lanes are ${Object.keys(LANES).join(', ')}.`);
      process.exit(2);
    }
    // A lane that is named runs whole.
    if (!words.includes(found.lane)) lanes.set(found.lane, [...(lanes.get(found.lane) ?? []), found.file]);
  }
  return lanes;
}
