import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { lstatIfThere } from './lstat.ts';
import { setAside } from './set-aside.ts';

/**
 * Makes a directory of the state, and those above it, where it is missing, and closes it to all users but root, also where an earlier
 * version left it open. What else is in its place is set aside; a link to a directory is taken.
 */
export function makePrivateDirectory(path: string): void {
  if (!isDirectory(path)) {
    if (lstatIfThere(path) !== undefined) setAside(path);
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
  chmodSync(path, 0o700);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
