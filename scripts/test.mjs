// Everything that is checked, in one run: lint, types, and the unit, integration and browser tests. Plain JavaScript for
// the Node that the system has. `npm test -- unit browser` runs some lanes only.
import { spawnSync } from 'node:child_process';
import { requireLinuxRoot } from './lib/host.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { REPOSITORY, toolEnvironment } from './lib/paths.mjs';
import { ensureDebianTools } from './lib/debian-tools.mjs';
import { runVitest } from './lib/vitest-lane.mjs';

/** A tool that passes or fails as a whole counts as one test. */
const runTool = (script) => () => {
  const { status } = spawnSync('npm', ['run', '--silent', script], { cwd: REPOSITORY, env: toolEnvironment(), stdio: 'inherit' });
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
};

const LANES = {
  lint: runTool('lint'),
  types: runTool('check'),
  unit: () => runVitest('unit'),
  integration: () => runVitest('integration'),
  browser: () => runVitest('browser'),
};

const say = (line) => console.log(line);
const asked = process.argv.slice(2);
const unknown = asked.filter((lane) => !Object.hasOwn(LANES, lane));
if (unknown.length > 0) {
  console.error(`There is no lane ${unknown.join(', ')}; there are: ${Object.keys(LANES).join(', ')}.`);
  process.exit(2);
}

requireLinuxRoot('npm test');
ensureInstalled(say);
ensureDebianTools(say);

const lanes = asked.length > 0 ? asked : Object.keys(LANES);
const results = lanes.map((lane) => {
  say(`\n── ${lane} ──`);
  const startedAt = Date.now();
  return { lane, ...LANES[lane](), seconds: Math.round((Date.now() - startedAt) / 1000) };
});

say('');
for (const { lane, seconds, ...counts } of results) say(`${lane.padEnd(12)}${summary(counts)} (${seconds} s)`);
const total = { passed: 0, failed: 0, skipped: 0 };
for (const counts of results) for (const key of Object.keys(total)) total[key] += counts[key];
say(`\n${summary(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** The form that .ci/run looks for. */
function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
