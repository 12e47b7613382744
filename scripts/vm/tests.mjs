import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../lib/paths.mjs';

const DIRECTORIES = ['test/integration', 'test/escape'];

/** What the lane leaves out, and why: all else may go by the layout of cgroups, the kernel or the disk. */
const LEFT_OUT = {
  'agent-killed.test.ts': 'is about what the agent takes up again',
  'bad-input.test.ts': 'is about messages and their schemas',
  // Node takes seconds to come up there, a hundred times. What the command line asks for is in the other files.
  'cgroup-commands.test.ts': 'is about the words and exit codes of the command line',
  'commands.test.ts': 'is about the words and exit codes of the command line',
  'group-commands.test.ts': 'is about the words and exit codes of the command line',
  'isolation-commands.test.ts': 'is about the words and exit codes of the command line',
  'isolation-rights.test.ts': 'is about who may ask for what',
  'seccomp-verdicts.test.ts': 'is about compiled filters, which are the same bytes on every kernel',
  'charts.test.ts': 'is about what the agent keeps',
  'events.test.ts': 'is about what the agent keeps',
  'usage-commands.test.ts': 'is about the words and exit codes of the command line',
  'volumes.test.ts': 'is about what the agent keeps; how they are mounted is in binds.test.ts',
};

/** What may go by which security module the kernel was booted with. */
export const SELINUX_TESTS = ['test/integration/labels.test.ts'];

/** @returns {string[]} test files, relative to the repository */
export function lanesTests() {
  return DIRECTORIES.flatMap((directory) => {
    const files = readdirSync(join(REPOSITORY, directory)).filter((name) => name.endsWith('.test.ts'));
    return files.filter((name) => !Object.hasOwn(LEFT_OUT, name)).map((name) => join(directory, name));
  });
}
