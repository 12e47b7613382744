import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The virtual machine of `npm run test:vm` is in software emulation: all deadlines are longer there. */
const slowness = Number(process.env['PLIMSOLL_TEST_SLOWNESS'] ?? 1);

export default defineConfig({
  test: {
    // koffi brings a process down that loads it in a second thread.
    pool: 'forks',
    setupFiles: [join(import.meta.dirname, 'test/support/keep-differences.ts')],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['apps/**/*.test.ts', 'apps/**/*.test.tsx', 'packages/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/.next/**'],
          // Milliseconds of work each, which a busy machine takes seconds for.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      // One file at a time: they share the machine's cgroups, mounts and cpus.
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000 * slowness,
          hookTimeout: 120_000 * slowness,
          // A poll runs a command of the command line, for which an emulated machine takes seconds.
          expect: { poll: { timeout: 20_000 * slowness } },
        },
      },
      // Each file's containers, and their host, which must come to no harm.
      {
        extends: true,
        test: {
          name: 'escape',
          include: ['test/escape/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000 * slowness,
          hookTimeout: 120_000 * slowness,
          expect: { poll: { timeout: 1000 * slowness } },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 360_000,
          hookTimeout: 600_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
    ],
  },
});
