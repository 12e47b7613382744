import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Returns when a file's content, or the names in a directory, are on disk. */
export function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
