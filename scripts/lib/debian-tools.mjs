import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Programs, the Debian package that each is in, and what for. */
const GCC = { path: '/usr/bin/gcc', package: 'gcc' };
const C_HEADERS = { path: '/usr/include/stdio.h', package: 'libc6-dev' };
const CRUN = { path: '/usr/bin/crun', package: 'crun' };
const ATTACKS_AND_FILTERS = 'the attempts to escape, and what compares seccomp filters with libseccomp’s';
const STARTS_IN_C = 'the C programs that ours is measured beside';

export const TEST_TOOLS = [
  { path: '/usr/bin/chromium', package: 'chromium', use: 'the browser tests' },
  { path: '/usr/bin/objdump', package: 'binutils', use: 'the test that disassembles the runner' },
  { path: '/usr/bin/stress-ng', package: 'stress-ng', use: 'the tests of what is measured' },
  { path: '/usr/bin/ps', package: 'procps', use: 'the tests that look at processes' },
  { ...GCC, use: ATTACKS_AND_FILTERS },
  { ...C_HEADERS, use: ATTACKS_AND_FILTERS },
  { path: '/usr/include/seccomp.h', package: 'libseccomp-dev', use: 'the tests that compare seccomp filters with libseccomp’s' },
  { ...CRUN, use: 'the test that compares a container with crun’s' },
  { path: '/usr/sbin/setcap', package: 'libcap2-bin', use: 'the test of file capabilities in an image' },
  { path: '/usr/bin/zsh', package: 'zsh', use: 'the test of its completion' },
  { path: '/usr/bin/fish', package: 'fish', use: 'the test of its completion' },
];

export const BENCH_TOOLS = [
  { ...GCC, use: STARTS_IN_C },
  { ...C_HEADERS, use: STARTS_IN_C },
  { ...CRUN, use: 'the starts that ours are measured beside' },
  { path: '/usr/sbin/runc', package: 'runc', use: 'the starts that ours are measured beside' },
];

/**
 * Installs by apt-get what is missing; says so where there is no apt-get. What lacks its tool skips or fails by itself.
 * @param {readonly { path: string, package: string, use: string }[]} tools
 * @param {(line: string) => void} say
 */
export function ensureDebianTools(tools, say) {
  const missing = tools.filter(({ path }) => !existsSync(path));
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
