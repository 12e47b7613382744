import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unpackPackage } from './debian-package.mjs';
import { aptGet } from './debian-tools.mjs';
import { REPOSITORY } from './paths.mjs';

/** Where test/support/libseccomp/standard-profiles.ts looks for them, below their own paths. */
const CACHE = join(REPOSITORY, 'node_modules/.cache/plimsoll/profiles');

/** Seccomp profiles that others ship: one file of a package that would bring a hundred more, or a network, if it were installed. */
const PROFILES = [
  {
    path: '/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json',
    package: 'golang-github-docker-docker-dev',
  },
  { path: '/usr/share/containers/seccomp.json', package: 'golang-github-containers-common' },
];

/**
 * Fetches those that are not there, once. The tests that compare ours with them skip without.
 * @param {(line: string) => void} say
 */
export function ensureStandardProfiles(say) {
  if (!existsSync('/usr/bin/apt-get')) return;
  const missing = PROFILES.filter(({ path }) => !existsSync(path) && !existsSync(join(CACHE, path)));
  if (missing.length === 0) return;
  say(`Fetching the seccomp profiles of ${missing.map((profile) => profile.package).join(' and ')} …`);
  for (const profile of missing) {
    if (fetchProfile(profile) || (aptGet(['update']) && fetchProfile(profile))) continue;
    say(`apt-get could not fetch ${profile.package}: see above.`);
  }
}

/**
 * @param {{ path: string, package: string }} profile
 * @returns {boolean} whether it succeeded
 */
function fetchProfile({ path, package: name }) {
  mkdirSync(CACHE, { recursive: true });
  const directory = mkdtempSync(join(CACHE, 'fetch-'));
  try {
    if (!unpackPackage(name, directory) || !existsSync(join(directory, path))) return false;
    const target = join(CACHE, path);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(directory, path), `${directory}/profile`);
    renameSync(`${directory}/profile`, target);
    return true;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
