import { stripVTControlCharacters } from 'node:util';
import { REPOSITORY } from './paths.mjs';

/** @typedef {{ test: string, message: string }} Failure `file > group > test`, and the first lines of what went wrong */

/**
 * What is read of vitest's JSON report.
 * @typedef {{ status: string, title: string, ancestorTitles: readonly string[], failureMessages: readonly string[],
 *   meta: { differences?: readonly string[] } }} ReportedTest
 * @typedef {{ name: string, status: string, message?: string, assertionResults: readonly ReportedTest[] }} ReportedFile
 * @typedef {{ testResults: readonly ReportedFile[], numPassedTests: number, numFailedTests: number, numPendingTests: number,
 *   numTodoTests: number }} Report
 */

const MOST_LINES = 12;
const STACK = /^\s+at /;

/**
 * What failed by vitest's JSON report, test by test; and files that failed outside of their tests.
 * @param {Report} report
 * @returns {Failure[]}
 */
export function failuresOf(report) {
  return report.testResults.flatMap((file) => {
    const path = file.name.replace(`${REPOSITORY}/`, '');
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length === 0 && file.status === 'failed') return [{ test: path, message: firstLines(file.message ?? '') }];
    return failed.map(({ ancestorTitles, title, failureMessages, meta }) => ({
      test: [path, ...ancestorTitles, title].join(' > '),
      message: [...failureMessages.map(firstLines), ...(meta.differences ?? []).map(changedLines)].join('\n'),
    }));
  });
}

/**
 * The message, and where in this repository it was thrown.
 * @param {string} message
 */
function firstLines(message) {
  const lines = stripVTControlCharacters(message).split('\n');
  const words = lines.filter((line) => line.trim() !== '' && !STACK.test(line)).slice(0, MOST_LINES);
  const where = lines.filter((line) => STACK.test(line) && line.includes(REPOSITORY) && !line.includes('/node_modules/'));
  return [...words, ...where.slice(-2).map((line) => line.replace(`${REPOSITORY}/`, ''))].join('\n');
}

/**
 * Of a comparison that failed (test/support/keep-differences.ts): what was expected, and what was there.
 * @param {string} difference
 */
function changedLines(difference) {
  const lines = stripVTControlCharacters(difference).split('\n');
  return lines
    .filter((line) => /^[-+] (?!Expected$|Received$)/.test(line))
    .slice(0, MOST_LINES)
    .join('\n');
}

/**
 * As `npm test` ends with them: CI keeps no more than the tail of what it prints.
 * @param {string} lane
 * @param {readonly Failure[]} failures
 * @returns {string[]} lines
 */
export function failureLines(lane, failures) {
  return failures.flatMap(({ test, message }) => ['', `${lane}: ${test}`, ...message.split('\n').map((line) => `    ${line}`)]);
}
