import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from './paths.mjs';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  /** Of a workspace: `resolved` is its directory. */
  readonly link?: boolean;
  /** Comes in the archive of the package above it, whose hash covers it. */
  readonly inBundle?: boolean;
}

const LOCK = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as {
  readonly packages: Record<string, LockedPackage>;
};
const ENTRIES = Object.entries(LOCK.packages);
const REGISTRY_PACKAGES = ENTRIES.filter(
  ([path, { link, inBundle }]) => path.includes('node_modules/') && link !== true && inBundle !== true,
);
/** 64 bytes in base64. */
const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/;

describe('package-lock.json', () => {
  it('has a sha512 hash for every registry package, those of other platforms too', () => {
    expect(REGISTRY_PACKAGES.length).toBeGreaterThan(0);
    const unhashed = REGISTRY_PACKAGES.filter(([, { integrity }]) => !SHA512.test(integrity ?? '')).map(([path]) => path);
    expect(unhashed).toEqual([]);
  });

  it('names the directories of workspaces and no registry', () => {
    const links = ENTRIES.filter(([, { link }]) => link === true);
    const unknown = links.filter(([, { resolved }]) => resolved === undefined || !Object.hasOwn(LOCK.packages, resolved));
    expect(unknown).toEqual([]);
    const resolved = ENTRIES.filter(([, entry]) => entry.link !== true && entry.resolved !== undefined);
    expect(resolved).toEqual([]);
  });
});
