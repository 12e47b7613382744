import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './child-process.mjs';
import { reportedLane } from './lane-result.mjs';
import { node24, REPOSITORY } from './paths.mjs';
import { makeDirectory } from './temporary-directory.mjs';

const REPORTER = join(REPOSITORY, 'scripts/lib/lane-reporter.mjs');
const REMOVE_LEFTOVERS = join(REPOSITORY, 'test/support/remove-leftovers.ts');

/**
 * Runs one project of vitest.config.ts.
 * @param {string} project
 * @param {import('./lanes.mjs').Run} run
 * @returns {Promise<import('./lane-result.mjs').LaneResult>}
 */
export async function runVitest(project, { files, output, signal, full }) {
  const directory = makeDirectory('test');
  const report = join(directory, 'report.json');
  const environment = {
    PLIMSOLL_TEST_REPORT: report,
    PLIMSOLL_TEST_IMAGES: directory,
    ...(full && { PLIMSOLL_TEST_FULL: '1' }),
  };
  try {
    const status = await runProgram(node24(), vitestArguments([project], 'default', files), { output, signal, environment });
    return reportedLane(existsSync(report) ? readFileSync(report, 'utf8') : null, status);
  } finally {
    rmSync(directory, { recursive: true });
    // Whatever ended the run, and however: the next one need not find it.
    await runProgram(node24(), [REMOVE_LEFTOVERS], { output, signal: new AbortController().signal });
  }
}

/**
 * @param {readonly string[]} projects of vitest.config.ts
 * @param {'default' | 'verbose'} reporter what is shown meanwhile
 * @param {readonly string[]} files none: all
 * @returns {string[]} arguments of Node
 */
export function vitestArguments(projects, reporter, files) {
  const chosen = projects.flatMap((project) => ['--project', project]);
  return [
    join(REPOSITORY, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...chosen,
    `--reporter=${reporter}`,
    `--reporter=${REPORTER}`,
    ...files,
  ];
}
