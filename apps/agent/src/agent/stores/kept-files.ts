import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { originOf } from '../../stores/set-aside.ts';
import type { StateRoot } from '../../state-root.ts';

export interface KeptFile {
  /** What it was, below `lib` or `run`. */
  file: string;
  path: string;
  kept: string;
  atMs: number;
}

/** Of a directory with one directory for each image, volume or container. */
const NESTED = ['images', 'volumes', 'containers'];
const MOST = 1000;

/** Damaged files that were set aside, by whichever process, and are there still; the oldest first, and MOST at most. */
export function keptFiles({ lib, run }: Pick<StateRoot, 'lib' | 'run'>): KeptFile[] {
  const found: KeptFile[] = [];
  const look = (root: string, below: string): void => {
    for (const name of names(join(root, below))) {
      const origin = originOf(join(below, name));
      if (origin === null) continue;
      found.push({ file: origin.path, path: join(root, origin.path), kept: join(root, below, name), atMs: origin.atMs });
    }
  };
  for (const root of [lib, run]) {
    look(root, '');
    for (const directory of NESTED) {
      look(root, directory);
      for (const name of names(join(root, directory))) look(root, join(directory, name));
    }
  }
  return found.toSorted((a, b) => a.atMs - b.atMs).slice(-MOST);
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
