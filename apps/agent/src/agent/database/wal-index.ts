import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

const PAGE_BYTES = 4096;

/**
 * Where the index of the WAL is: `NORMAL` in a mapped file, `EXCLUSIVE` in the memory of the one process that has the database open
 * (sqlite.org/wal.html, 8). SQLite writes one byte into each page of that file before it maps it, so that a full disk is an error. Where blocks
 * are smaller than pages, as on an ext4 below 512 MiB, the rest of a page may have no block, and a write to it ends the process by SIGBUS.
 */
export function lockingMode(path: string): 'NORMAL' | 'EXCLUSIVE' {
  return statfsSync(dirname(path)).bsize < PAGE_BYTES ? 'EXCLUSIVE' : 'NORMAL';
}
