import { closeSync, openSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs';

/**
 * Writes a small text, padded with spaces to `bytes`. A file of that size is overwritten where it is, which takes no space: the block is
 * its own already. At most 4096 bytes, a page: a kill of this process leaves all of it or nothing. Not synced.
 */
export function writeFixed(path: string, text: string, bytes: number): void {
  const padded = Buffer.from(text.padEnd(bytes));
  if (statSync(path, { throwIfNoEntry: false })?.size !== padded.length) {
    writeFileSync(`${path}.new`, padded);
    return renameSync(`${path}.new`, path);
  }
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, padded, 0, padded.length, 0);
  } finally {
    closeSync(fd);
  }
}
