import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../lib/paths.mjs';

const INTEGRATION = 'test/integration';

/** What the lane leaves out, and why: the cgroup layout, the kernel and the disk make no difference to it. */
const LEFT_OUT = {
  'bad-input.test.ts': 'messages and their schemas',
};

/** @returns {string[]} test files, relative to the repository */
export function lanesTests() {
  const files = readdirSync(join(REPOSITORY, INTEGRATION)).filter((name) => name.endsWith('.test.ts'));
  return files.filter((name) => !Object.hasOwn(LEFT_OUT, name)).map((name) => join(INTEGRATION, name));
}
