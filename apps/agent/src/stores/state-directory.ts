import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { setAside } from './set-aside.ts';

/** Makes a directory of the state, and those above it, where it is missing. What else is in its place is set aside; a link to a directory is taken. */
export function makeStateDirectory(path: string, mode: number): void {
  if (isDirectory(path)) return;
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) setAside(path);
  mkdirSync(path, { recursive: true, mode });
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
