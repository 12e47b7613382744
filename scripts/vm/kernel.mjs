import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPackage } from '../lib/debian-package.mjs';
import { aptGet } from '../lib/debian-tools.mjs';
import { CACHE, inFetchDirectory, keep, run } from './cache.mjs';
import { BUSYBOX } from './requirements.mjs';

const NEWEST = 'linux-image-cloud-amd64';
const VERSIONED = /^linux-image-(\d\S*-cloud-amd64)$/;

/**
 * Debian's stock cloud kernel, unpacked below node_modules/.cache and not installed. Fetched once.
 * @param {(line: string) => void} say
 * @returns {{ version: string, image: string, modules: string } | null} null: it could not be had
 */
export function ensureKernel(say) {
  const cached = existsSync(CACHE) ? readdirSync(CACHE).filter((name) => VERSIONED.test(`linux-image-${name}`)) : [];
  const version = cached.toSorted(byVersion).at(-1) ?? inFetchDirectory((directory) => fetchKernel(directory, say));
  if (version === null) return null;
  const root = join(CACHE, version);
  return { version, image: join(root, `boot/vmlinuz-${version}`), modules: join(root, 'lib/modules', version) };
}

/**
 * @param {string} a
 * @param {string} b
 */
function byVersion(a, b) {
  return a.localeCompare(b, 'en', { numeric: true });
}

/**
 * @param {string} directory
 * @param {(line: string) => void} say
 * @returns {string | null} its version
 */
function fetchKernel(directory, say) {
  const root = join(directory, 'root');
  const version = unpackNewest(root) ?? (aptGet(['update']) ? unpackNewest(root) : null);
  if (version === null) return null;
  say(`Fetched Debian's kernel ${version}.`);
  // The package leaves that to its installation.
  run(BUSYBOX, ['depmod', '-b', root, version]);
  keep(root, join(CACHE, version));
  return version;
}

/**
 * @param {string} root
 * @returns {string | null} its version
 */
function unpackNewest(root) {
  const { stdout } = spawnSync('apt-cache', ['depends', NEWEST], { encoding: 'utf8' });
  const name = /Depends: (linux-image-\S+)/.exec(stdout ?? '')?.[1];
  const version = VERSIONED.exec(name ?? '')?.[1];
  if (name === undefined || version === undefined) return null;
  return unpackPackage(name, root) ? version : null;
}
