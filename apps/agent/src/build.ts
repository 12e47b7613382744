import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from './version.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCES = ['apps/agent/src/**/*.ts', 'packages/core/src/**/*.ts', 'packages/protocol/src/**/*.ts', 'package-lock.json'];
const isTest = (path: string) => /\.(?:test|fixture)\.ts$/.test(path);

let known: string | undefined;

/**
 * Which program this is: the version of its release, and a digest of its sources as they lay on disk when this was first
 * called. Two clones of one commit are the same program.
 */
export function buildVersion(): string {
  return (known ??= `${VERSION}+${digestOfSources().slice(0, 12)}`);
}

function digestOfSources(): string {
  const hash = createHash('sha256');
  const paths = globSync(SOURCES, { cwd: ROOT, exclude: isTest });
  for (const path of paths.toSorted()) {
    hash.update(`${path}\0`);
    hash.update(readFileSync(join(ROOT, path)));
  }
  return hash.digest('hex');
}
