import { renameSync } from 'node:fs';

/** SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html). */
const DAMAGED = [11, 26];

/**
 * What `open` makes of the file, or of a new one where it is damaged: that one is kept under another name, so that what happens
 * from now on is not lost as well. `kept`: that name.
 */
export function openOrSetAside<T>(path: string, open: () => T): { opened: T; kept: string | null } {
  try {
    return { opened: open(), kept: null };
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
    if (!DAMAGED.includes(code & 0xff)) throw error;
    const kept = `${path}.damaged-${Date.now()}`;
    renameSync(path, kept);
    for (const suffix of ['-wal', '-shm']) {
      try {
        renameSync(path + suffix, kept + suffix);
      } catch {
        // There need not be one.
      }
    }
    return { opened: open(), kept };
  }
}
