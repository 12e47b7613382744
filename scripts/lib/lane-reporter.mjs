import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { REPOSITORY } from './paths.mjs';

/** @typedef {import('vitest/node').TestModule} TestModule */
/** @typedef {import('vitest').TestError | import('vitest/node').SerializedError} TestError */
/** @typedef {import('./lane-result.mjs').Failure} Failure */

const MOST_LINES = 12;
const STACK = /^\s+at /;

/**
 * Writes a lane's result as JSON to the file that PLIMSOLL_TEST_REPORT names. What failed outside of any test (a file that does not
 * load, an error that nobody caught, a worker that died) counts as one failed test each.
 */
// vitest takes a reporter's module by its default export.
// oxlint-disable-next-line import/no-default-export
export default class LaneReporter {
  /** @type {readonly string[]} */
  #planned = [];

  /** @param {readonly import('vitest/node').TestSpecification[]} specifications */
  onTestRunStart(specifications) {
    this.#planned = specifications.map(({ moduleId }) => moduleId);
  }

  /**
   * @param {readonly TestModule[]} modules
   * @param {readonly TestError[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    /** @param {string} state */
    const count = (state) => tests.filter((test) => test.result().state === state).length;
    const begun = new Set(modules.map(({ moduleId }) => moduleId));
    const failures = [
      ...modules.flatMap(failuresOf),
      ...this.#planned
        .filter((id) => !begun.has(id))
        .map((moduleId) => ({ test: pathOf({ moduleId }), message: 'it did not run' })),
      ...unhandledErrors.map((error) => ({ test: 'an error that nobody caught', message: describe(error) })),
    ];
    /** @type {import('./lane-result.mjs').LaneResult} */
    const result = {
      passed: count('passed'),
      failed: failures.length,
      skipped: count('skipped'),
      failures,
      files: modules.map((module) => ({ file: pathOf(module), seconds: secondsOf(module) })),
    };
    writeFileSync(process.env['PLIMSOLL_TEST_REPORT'] ?? '/dev/null', JSON.stringify(result));
  }
}

/** @param {Pick<TestModule, 'moduleId'>} module */
function pathOf({ moduleId }) {
  return moduleId.replace(`${REPOSITORY}/`, '');
}

/** @param {TestModule} module */
function secondsOf(module) {
  const { prepareDuration, environmentSetupDuration, setupDuration, collectDuration, duration } = module.diagnostic();
  return (prepareDuration + environmentSetupDuration + setupDuration + collectDuration + duration) / 1000;
}

/**
 * @param {TestModule} module
 * @returns {Failure[]}
 */
function failuresOf(module) {
  const file = pathOf(module);
  const ofTests = [...module.children.allTests()].flatMap((test) => {
    const { state, errors } = test.result();
    if (state === 'failed') return [{ test: `${file} > ${test.fullName}`, message: errors.map(describe).join('\n') }];
    // Of those that a worker had begun when it died.
    return state === 'pending' ? [{ test: `${file} > ${test.fullName}`, message: 'it did not end' }] : [];
  });
  // A hook that failed, whose tests are skipped then; or a file that does not load.
  const suites = [module, ...module.children.allSuites()].flatMap((suite) => suite.errors());
  if (suites.length > 0) return [...ofTests, { test: file, message: suites.map(describe).join('\n') }];
  const isUnfinished = ofTests.length === 0 && ['pending', 'queued', 'failed'].includes(module.state());
  return isUnfinished ? [{ test: file, message: 'it did not end' }] : ofTests;
}

/**
 * The message, where in this repository it was thrown, what differs of a comparison, and the cause.
 * @param {TestError} error
 * @returns {string}
 */
function describe(error) {
  const lines = stripVTControlCharacters(error.stack ?? error.message).split('\n');
  const words = lines.filter((line) => line.trim() !== '' && !STACK.test(line)).slice(0, MOST_LINES);
  const where = lines.filter((line) => STACK.test(line) && line.includes(REPOSITORY) && !line.includes('/node_modules/'));
  const diff = 'diff' in error && typeof error.diff === 'string' ? stripVTControlCharacters(error.diff) : '';
  const changed = diff.split('\n').filter((line) => /^[-+] (?!Expected$|Received$)/.test(line));
  const cause = 'cause' in error ? describe(error.cause).split('\n').slice(0, 1) : [];
  const places = where.slice(-2).map((line) => line.replace(`${REPOSITORY}/`, ''));
  return [...words, ...cause.map((line) => `caused by ${line}`), ...places, ...changed.slice(0, MOST_LINES)].join('\n');
}
