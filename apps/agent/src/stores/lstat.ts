import { lstatSync, type Stats } from 'node:fs';

const NOT_THERE = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** Of what is at a path itself. Undefined where nothing is, also since what should be a directory above it is none, or a link to itself. */
export function lstatIfThere(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (NOT_THERE.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
