import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const from = (path: string): string => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
/** Prints where the steps failed: null. */
const SCRIPT = `
  import { LoadedProgram } from ${from('../program/load.ts')};
  import { Program } from ${from('../program/program.ts')};
  import { limitNamespaces } from ${from('./namespace-limits.ts')};
  const program = new Program();
  limitNamespaces(program);
  program.end();
  const loaded = new LoadedProgram(program);
  loaded.run();
  console.log(JSON.stringify(loaded.failure));
`;

test.each([
  ['read-only', 'mount --bind -o ro /proc/sys /proc/sys'],
  ['masked', 'mount -t tmpfs none /proc/sys'],
])('limits are left as they are where /proc/sys is %s', (_what, mount) => {
  const inside = ['sh', '-c', `set -e; ${mount}; exec "$0" "$@"`, process.execPath, '--input-type=module', '-e', SCRIPT];
  const printed = execFileSync('unshare', ['--mount', '--user', '--map-root-user', ...inside], { encoding: 'utf8' });
  expect(printed).toBe('null\n');
});
