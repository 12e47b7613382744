import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, 'namespace-limits.fixture.ts');

test.each([
  ['read-only', 'mount --bind -o ro /proc/sys /proc/sys'],
  ['masked', 'mount -t tmpfs none /proc/sys'],
])('limits are left as they are where /proc/sys is %s', (_what, mount) => {
  const script = `set -e; ${mount}; exec "$0" "$@"`;
  const words = ['--mount', '--user', '--map-root-user', 'sh', '-c', script, process.execPath, PROGRAM];
  expect(execFileSync('unshare', words, { encoding: 'utf8' })).toBe('null\n');
});
