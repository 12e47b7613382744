import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Programs that tests use, the Debian package that each is in, and what for. */
const TOOLS = [
  { path: '/usr/bin/chromium', package: 'chromium', use: 'the browser tests' },
  { path: '/usr/bin/objdump', package: 'binutils', use: 'the test that disassembles the runner' },
  { path: '/usr/bin/stress-ng', package: 'stress-ng', use: 'the tests of what is measured' },
  { path: '/usr/bin/ps', package: 'procps', use: 'the tests that look at processes' },
  { path: '/usr/bin/gcc', package: 'gcc', use: 'the attempts to escape, and what compares seccomp filters with libseccomp’s' },
  {
    path: '/usr/include/stdio.h',
    package: 'libc6-dev',
    use: 'the attempts to escape, and what compares seccomp filters with libseccomp’s',
  },
  { path: '/usr/include/seccomp.h', package: 'libseccomp-dev', use: 'the tests that compare seccomp filters with libseccomp’s' },
  { path: '/usr/bin/crun', package: 'crun', use: 'the test that compares a container with crun’s' },
];

/**
 * Installs by apt-get what is missing; says so where there is no apt-get. Tests without their tool skip or fail by themselves.
 * @param {(line: string) => void} say
 */
export function ensureDebianTools(say) {
  const missing = TOOLS.filter(({ path }) => !existsSync(path));
  if (missing.length === 0) return;
  for (const tool of missing) say(`Missing: ${tool.path} (${tool.package}), for ${tool.use}.`);
  installPackages(
    missing.map((tool) => tool.package),
    say,
  );
}

/**
 * @param {readonly string[]} packages
 * @param {(line: string) => void} say
 */
export function installPackages(packages, say) {
  if (!existsSync('/usr/bin/apt-get')) {
    say(`There is no apt-get here: install ${packages.join(' ')} in your distribution’s way.`);
    return;
  }
  say(`Installing ${packages.join(' ')} (apt-get) …`);
  const install = ['install', '-y', '--no-install-recommends', ...packages];
  // A fresh machine has no package lists, or old ones.
  if (aptGet(install) || (aptGet(['update']) && aptGet(install))) return;
  say(`apt-get could not install ${packages.join(' ')}: see above.`);
}

/**
 * @param {readonly string[]} args
 * @param {string} [cwd] where a download goes
 * @returns {boolean} whether it succeeded
 */
export function aptGet(args, cwd = '/') {
  const { status } = spawnSync('apt-get', ['-qq', ...args], {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}
