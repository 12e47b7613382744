import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countReport } from './counts.mjs';
import { node24, REPOSITORY, toolEnvironment } from './paths.mjs';

/**
 * Runs one project of vitest.config.ts.
 * @param {string} project
 * @returns {import('./counts.mjs').LaneResult}
 */
export function runVitest(project) {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
  const report = join(directory, 'report.json');
  try {
    const { status } = spawnSync(node24(), vitestArguments([project], 'default', report), {
      cwd: REPOSITORY,
      env: { ...toolEnvironment(), PLIMSOLL_TEST_IMAGES: directory },
      stdio: 'inherit',
    });
    return countReport(existsSync(report) ? readFileSync(report, 'utf8') : null, status);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * @param {readonly string[]} projects of vitest.config.ts
 * @param {'default' | 'verbose'} reporter what is shown meanwhile
 * @param {string} report where the JSON goes
 * @returns {string[]} arguments of Node
 */
export function vitestArguments(projects, reporter, report) {
  const reporters = [`--reporter=${reporter}`, '--reporter=json', `--outputFile.json=${report}`];
  const chosen = projects.flatMap((project) => ['--project', project]);
  return [join(REPOSITORY, 'node_modules/vitest/vitest.mjs'), 'run', ...chosen, ...reporters];
}
