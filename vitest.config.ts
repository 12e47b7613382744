import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The virtual machine of `npm run test:vm` is in software emulation: all deadlines are longer there. */
const slowness = Number(process.env['PLIMSOLL_TEST_SLOWNESS'] ?? 1);
const support = join(import.meta.dirname, 'test/support');

export default defineConfig({
  test: {
    // koffi brings a process down that loads it in a second thread.
    pool: 'forks',
    // One process for all files of a lane: Node, koffi and our modules are loaded once. Files of the same lane share the machine's
    // cgroups, mounts and cpus, so they run one after another.
    isolate: false,
    fileParallelism: false,
    setupFiles: [join(support, 'setup.ts')],
    globalSetup: [join(support, 'global-setup.ts')],
    // At the top of a file: `// @module-tag kernel`. scripts/lib/test-files.mjs chooses the files of each lane by them.
    tags: [
      {
        name: 'kernel',
        description: 'depends on the version of the kernel or the layout of cgroups: runs in the virtual machine as well',
      },
      { name: 'kernel-full', description: 'the same, in npm run test:full alone' },
      { name: 'selinux', description: 'depends on the security module: runs under SELinux as well' },
      { name: 'quiet', description: 'measures time: runs before all else, while nothing else does' },
    ],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['apps/**/*.test.ts', 'apps/**/*.test.tsx', 'packages/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/.next/**'],
          // Milliseconds of work each, which a busy machine takes seconds for.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120_000 * slowness,
          hookTimeout: 120_000 * slowness,
          expect: { poll: { timeout: 30_000 * slowness } },
        },
      },
      // Each file's containers, and their host, which must come to no harm.
      {
        extends: true,
        test: {
          name: 'escape',
          include: ['test/escape/**/*.test.ts'],
          testTimeout: 120_000 * slowness,
          hookTimeout: 120_000 * slowness,
          expect: { poll: { timeout: 10_000 * slowness } },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 360_000,
          hookTimeout: 600_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
});
