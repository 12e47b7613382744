/** The name of what failed outside of any test. */
const NO_TEST = 'no test';
const SLOWEST_FILES = 10;

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ test: string, message: string }} Failure `file > group > test`, and the first lines of what went wrong */
/** @typedef {{ file: string, seconds: number }} FileTime */
/** @typedef {Counts & { failures: readonly Failure[], files?: readonly FileTime[] }} LaneResult */
/** @typedef {LaneResult & { lane: string, seconds: number }} TimedResult */

/**
 * A lane that passed or failed as a whole.
 * @param {string | null} problem null: it passed
 * @returns {LaneResult}
 */
export function wholeLane(problem) {
  return { passed: problem === null ? 1 : 0, failed: problem === null ? 0 : 1, skipped: 0, failures: failure(problem) };
}

/**
 * A lane that cannot run on this machine.
 * @returns {LaneResult}
 */
export function skippedLane() {
  return { passed: 0, failed: 0, skipped: 1, failures: [] };
}

/**
 * What the reporter wrote of vitest's run (lane-reporter.mjs).
 * @param {string | null} json null: there is none
 * @param {number | null} status vitest's exit code
 * @returns {LaneResult}
 */
export function reportedLane(json, status) {
  if (json === null || json === '') return wholeLane(`vitest ended with ${status} and left no report`);
  const result = /** @type {LaneResult} */ (JSON.parse(json));
  if (result.failed > 0 || status === 0) return result;
  return { ...result, failed: 1, failures: failure(`every test passed, and vitest ended with ${status}`) };
}

/**
 * @param {string | null} message
 * @returns {Failure[]}
 */
function failure(message) {
  return message === null ? [] : [{ test: NO_TEST, message }];
}

/**
 * @param {readonly Counts[]} results
 * @returns {Counts}
 */
export function total(results) {
  /** @param {keyof Counts} key */
  const sum = (key) => results.reduce((all, counts) => all + counts[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/**
 * The form that .ci/run looks for.
 * @param {Counts} counts
 * @returns {string}
 */
function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * What `npm test` ends with: each lane's counts and time, the slowest files, and the failures last, since CI keeps the tail.
 * @param {readonly TimedResult[]} results
 * @returns {string[]} lines
 */
export function report(results) {
  const files = results.flatMap(({ lane, files: own = [] }) => own.map(({ file, seconds }) => ({ lane, file, seconds })));
  const slowest = files.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST_FILES);
  return [
    '',
    ...results.map(({ lane, seconds, ...counts }) => `${lane.padEnd(12)}${countsLine(counts)} (${Math.round(seconds)} s)`),
    ...(slowest.length > 0 ? ['', 'The slowest files:'] : []),
    ...slowest.map(({ lane, file, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${lane.padEnd(12)}${file}`),
    ...results.flatMap(({ lane, failures }) => failures.flatMap((one) => failureLines(lane, one))),
    '',
    countsLine(total(results)),
  ];
}

/**
 * @param {string} lane
 * @param {Failure} failure
 */
function failureLines(lane, { test, message }) {
  return ['', `${lane}: ${test}`, ...message.split('\n').map((line) => `    ${line}`)];
}
