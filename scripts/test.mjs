// Everything that is checked, in one run: lint, types, and the unit, integration, escape and browser tests; where CI is set,
// the integration and escape tests in a virtual machine too, and those about SELinux in another. Plain JavaScript for the Node
// that the system has. `npm test -- unit browser` runs some lanes only.
import { spawnSync } from 'node:child_process';
import { oneFailure, summary } from './lib/counts.mjs';
import { failureLines } from './lib/failures.mjs';
import { requireLinuxRoot } from './lib/host.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { REPOSITORY, toolEnvironment } from './lib/paths.mjs';
import { ensureDebianTools, TEST_TOOLS } from './lib/debian-tools.mjs';
import { ensurePrometheus } from './lib/prometheus.mjs';
import { ensureStandardProfiles } from './lib/standard-profiles.mjs';
import { runResetLane } from './lib/reset-lane.mjs';
import { runVitest } from './lib/vitest-lane.mjs';
import { runVmLane } from './lib/vm-lane.mjs';

/** @param {string} line */
const say = (line) => console.log(line);

/**
 * A tool that passes or fails as a whole counts as one test.
 * @param {string} script
 */
const runTool = (script) => () => {
  const { status } = spawnSync('npm', ['run', '--silent', script], { cwd: REPOSITORY, env: toolEnvironment(), stdio: 'inherit' });
  return status === 0 ? { passed: 1, failed: 0, skipped: 0, failures: [] } : oneFailure(`npm run ${script}: see above`);
};

const LANES = {
  lint: runTool('lint'),
  types: runTool('check'),
  unit: () => runVitest('unit'),
  integration: () => runVitest('integration'),
  escape: () => runVitest('escape'),
  browser: () => runVitest('browser'),
  vm: async () => await runVmLane(say),
  reset: async () => await runResetLane(say),
  selinux: async () => await runVmLane(say, [], { selinux: true }),
};
/** What takes too long to wait for at a desk. */
const CI_ALONE = new Set(process.env.CI ? [] : ['vm', 'reset', 'selinux']);

const asked = process.argv.slice(2);
const unknown = asked.filter((lane) => !Object.hasOwn(LANES, lane));
if (unknown.length > 0) {
  console.error(`There is no lane ${unknown.join(', ')}; there are: ${Object.keys(LANES).join(', ')}.`);
  process.exit(2);
}

requireLinuxRoot('npm test');
ensureInstalled(say);
ensureDebianTools(TEST_TOOLS, say);
ensureStandardProfiles(say);
ensurePrometheus(say);

const chosen = asked.length > 0 ? asked : Object.keys(LANES).filter((lane) => !CI_ALONE.has(lane));
const lanes = /** @type {(keyof typeof LANES)[]} */ (chosen);
const results = [];
for (const lane of lanes) {
  say(`\n── ${lane} ──`);
  const startedAt = Date.now();
  const result = await LANES[lane]();
  results.push({ lane, ...result, seconds: Math.round((Date.now() - startedAt) / 1000) });
}

say('');
for (const { lane, seconds, ...counts } of results) say(`${lane.padEnd(12)}${summary(counts)} (${seconds} s)`);
for (const { lane, failures } of results) for (const line of failureLines(lane, failures)) say(line);
const total = { passed: 0, failed: 0, skipped: 0 };
const keys = /** @type {(keyof typeof total)[]} */ (Object.keys(total));
for (const counts of results) for (const key of keys) total[key] += counts[key];
say(`\n${summary(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
