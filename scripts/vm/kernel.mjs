import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPackage } from '../lib/debian-package.mjs';
import { aptGet } from '../lib/debian-tools.mjs';
import { REPOSITORY } from '../lib/paths.mjs';
import { BUSYBOX } from './requirements.mjs';

const CACHE = join(REPOSITORY, 'node_modules/.cache/plimsoll/vm');
const NEWEST = 'linux-image-cloud-amd64';
const VERSIONED = /^linux-image-(\d\S*-cloud-amd64)$/;

/**
 * Debian's stock cloud kernel, unpacked below node_modules/.cache and not installed. Fetched once.
 * @param {(line: string) => void} say
 * @returns {{ version: string, image: string, modules: string } | null} null: it could not be had
 */
export function ensureKernel(say) {
  const cached = existsSync(CACHE) ? readdirSync(CACHE).filter((name) => VERSIONED.test(`linux-image-${name}`)) : [];
  const version = cached.toSorted(byVersion).at(-1) ?? fetchKernel(say);
  if (version === null) return null;
  const root = join(CACHE, version);
  return { version, image: join(root, `boot/vmlinuz-${version}`), modules: join(root, 'lib/modules', version) };
}

function byVersion(a, b) {
  return a.localeCompare(b, 'en', { numeric: true });
}

function fetchKernel(say) {
  mkdirSync(CACHE, { recursive: true });
  const directory = mkdtempSync(join(CACHE, 'fetch-'));
  try {
    const root = join(directory, 'root');
    const version = download(root) ?? (aptGet(['update']) ? download(root) : null);
    if (version === null) return null;
    say(`Fetched Debian's kernel ${version}.`);
    // The package leaves that to its installation.
    run(BUSYBOX, ['depmod', '-b', root, version]);
    keep(root, join(CACHE, version));
    return version;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The package's version that the lists of now name; null: there is none, or it is gone from the archive meanwhile. */
function download(root) {
  const { stdout } = spawnSync('apt-cache', ['depends', NEWEST], { encoding: 'utf8' });
  const name = /Depends: (linux-image-\S+)/.exec(stdout ?? '')?.[1];
  const version = VERSIONED.exec(name ?? '')?.[1];
  if (version === undefined) return null;
  return unpackPackage(name, root) ? version : null;
}

/** Another run may have been first: a directory that is not empty cannot be renamed over. */
function keep(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

function run(command, args) {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}
