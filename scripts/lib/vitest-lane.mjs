import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { node24, REPOSITORY, toolEnvironment } from './paths.mjs';

/**
 * Runs one project of vitest.config.ts. What failed outside of any test (a file that doesn't load, an error that nobody
 * caught, a crash) counts as a failed test each.
 * @param {string} project
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function runVitest(project) {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
  const report = join(directory, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { status } = spawnSync(
      node24(),
      [join(REPOSITORY, 'node_modules/vitest/vitest.mjs'), 'run', '--project', project, ...reporters],
      { cwd: REPOSITORY, env: toolEnvironment(), stdio: 'inherit' },
    );
    return count(readReport(report), status);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function count(report, status) {
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
