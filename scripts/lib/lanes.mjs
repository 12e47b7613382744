import { runProgram } from './child-process.mjs';
import { wholeLane } from './lane-result.mjs';
import { runResetLane } from './reset-lane.mjs';
import { filesOfLane, filesTagged } from './test-files.mjs';
import { runVitest } from './vitest-lane.mjs';
import { runVmLane } from './vm-lane.mjs';

/** @typedef {import('./lane-result.mjs').LaneResult} LaneResult */
/**
 * @typedef {{ files: readonly string[], output: import('./output.mjs').Output, signal: AbortSignal, full: boolean }} Run
 *   files: those to run, relative to the repository; none: all of the lane. full: with what takes too long for every run
 */

/**
 * A tool that passes or fails as a whole counts as one test.
 * @param {string} script of package.json
 * @returns {(run: Run) => Promise<LaneResult>}
 */
function tool(script) {
  return async ({ output, signal }) => {
    const status = await runProgram('npm', ['run', '--silent', script], { output, signal });
    return wholeLane(status === 0 ? null : `npm run ${script}: see above`);
  };
}

/**
 * @param {Run} run
 * @param {() => string[]} all
 * @returns {Run}
 */
function withFiles(run, all) {
  return run.files.length > 0 ? run : { ...run, files: all() };
}

/**
 * The longest first, since two run at a time.
 * @type {Record<string, (run: Run) => Promise<LaneResult>>}
 */
export const LANES = {
  vm: (run) => runVmLane(withFiles(run, () => [...filesTagged('kernel'), ...(run.full ? filesTagged('kernel-full') : [])])),
  browser: (run) => runVitest('browser', run),
  integration: (run) =>
    runVitest(
      'integration',
      withFiles(run, () => filesOfLane('integration')),
    ),
  reset: runResetLane,
  selinux: (run) =>
    runVmLane(
      withFiles(run, () => filesTagged('selinux')),
      { selinux: true },
    ),
  unit: (run) => runVitest('unit', run),
  escape: (run) => runVitest('escape', run),
  types: tool('check'),
  lint: tool('lint'),
  // Alone, and before the others.
  quiet: (run) =>
    runVitest(
      'integration',
      withFiles(run, () => filesOfLane('quiet')),
    ),
};

/** Lanes that run only in CI and in `npm run test:full`. */
export const CI_LANES = ['vm', 'reset', 'selinux'];
