import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { REPOSITORY } from './paths.mjs';

const TAG = /^\/\/ @module-tag ([\w-]+)$/gm;
/** Where the tests of a lane are. */
const DIRECTORIES = { integration: 'test/integration', escape: 'test/escape', browser: 'test/browser' };

/**
 * Test files below test/integration and test/escape with this tag at their top (vitest.config.ts says what each means).
 * @param {string} tag
 * @returns {string[]} relative to the repository
 */
export function filesTagged(tag) {
  return [...filesOf('integration'), ...filesOf('escape')].filter((file) => tagsOf(file).has(tag));
}

/**
 * All of one lane. What measures time has a lane of its own.
 * @param {string} lane
 * @returns {string[]} relative to the repository
 */
export function filesOfLane(lane) {
  return filesOf('integration').filter((file) => tagsOf(file).has('quiet') === (lane === 'quiet'));
}

/**
 * @param {string} path of a test file, as it was typed
 * @returns {{ lane: string, file: string } | null} null: there is no such file, or it is no test
 */
export function laneOf(path) {
  const file = relative(REPOSITORY, resolve(path));
  if (file.startsWith('..') || !/\.test\.tsx?$/.test(file)) return null;
  try {
    if (tagsOf(file).has('quiet')) return { lane: 'quiet', file };
  } catch {
    return null;
  }
  const lane = Object.entries(DIRECTORIES).find(([, directory]) => file.startsWith(`${directory}/`))?.[0];
  return { lane: lane ?? 'unit', file };
}

/** @param {'integration' | 'escape'} lane */
function filesOf(lane) {
  const entries = readdirSync(join(REPOSITORY, DIRECTORIES[lane]), { recursive: true, encoding: 'utf8' });
  const names = entries.filter((name) => name.endsWith('.test.ts'));
  return names.map((name) => join(DIRECTORIES[lane], name));
}

/** @param {string} file */
function tagsOf(file) {
  return new Set([...readFileSync(join(REPOSITORY, file), 'utf8').matchAll(TAG)].map(([, tag = '']) => tag));
}
