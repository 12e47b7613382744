import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptGet } from './debian-tools.mjs';

/**
 * Fetches a Debian package of the version that the lists of now name, and unpacks it without installing it.
 * @param {string} name
 * @param {string} root where its files go; made where it is missing
 * @returns {boolean} false: there is no such package, or it is gone from the archive meanwhile
 */
export function unpackPackage(name, root) {
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-package-'));
  try {
    // apt's own user cannot write here, and apt says so at length.
    if (!aptGet(['-o', 'APT::Sandbox::User=root', 'download', name], directory)) return false;
    const archive = readdirSync(directory).find((file) => file.endsWith('.deb'));
    if (archive === undefined) return false;
    return spawnSync('dpkg-deb', ['-x', join(directory, archive), root], { stdio: 'inherit' }).status === 0;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
