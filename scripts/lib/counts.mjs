/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * The form that .ci/run looks for.
 * @param {Counts} counts
 * @returns {string}
 */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * Counts of vitest's JSON report. What failed outside of any test (a file that doesn't load, an error that nobody caught, a
 * crash) counts as a failed test each.
 * @param {string | null} json null: there is none
 * @param {number | null} status vitest's exit code
 * @returns {Counts}
 */
export function countReport(json, status) {
  const report = parse(json);
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function parse(json) {
  try {
    return json === null ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}
