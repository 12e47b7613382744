import { failuresOf } from './failures.mjs';

/** The name of what failed outside of any test. */
export const NO_TEST = 'no test';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {Counts & { failures: import('./failures.mjs').Failure[] }} LaneResult */

/**
 * The form that .ci/run looks for.
 * @param {Counts} counts
 * @returns {string}
 */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * Counts and failures of vitest's JSON report. What failed outside of any test (a file that doesn't load, an error that nobody caught, a
 * crash) counts as a failed test each.
 * @param {string | null} json null: there is none
 * @param {number | null} status vitest's exit code
 * @returns {LaneResult}
 */
export function countReport(json, status) {
  const report = parse(json);
  if (report === undefined) return oneFailure(`vitest ended with ${status} and left no report`);
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  const failures = failuresOf(report);
  const isBroken = failed === 0 && status !== 0;
  if (isBroken) failures.push({ test: NO_TEST, message: `every test passed, and vitest ended with ${status}` });
  return {
    passed: report.numPassedTests,
    failed: isBroken ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

/**
 * What failed as a whole.
 * @param {string} message
 * @returns {LaneResult}
 */
export function oneFailure(message) {
  return { passed: 0, failed: 1, skipped: 0, failures: [{ test: NO_TEST, message }] };
}

/**
 * @param {string | null} json
 * @returns {import('./failures.mjs').Report | undefined}
 */
function parse(json) {
  try {
    return json === null ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}
