import { closeSync, openSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { isFile, setAsideUnlessFile } from '../stores/set-aside.ts';

/**
 * Writes a small text of always the same length. A file of that size is overwritten where it is, which takes no space: the block is its
 * own already. At most 4096 bytes, a page: a kill of this process leaves all of it or nothing. Not synced.
 */
export function writeInPlace(path: string, text: string): void {
  const bytes = Buffer.from(text);
  if (!isFile(path) || statSync(path).size !== bytes.length) return replaceFile(path, bytes);
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(fd);
  }
}

/** Replaces a file as a whole. A kill of this process leaves the old content or the new; what a full disk took in part is removed. Not synced. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.new`;
  setAsideUnlessFile(temporary);
  try {
    writeFileSync(temporary, bytes, { mode: 0o600 });
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  renameSync(temporary, path);
}
