import { renameSync } from 'node:fs';

/** SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html). */
const DAMAGED = [11, 26];

/**
 * Opens what is kept at `path`; a damaged file is set aside first, so that what comes from now on is not lost as well.
 * `setAside`: where it is now; null: it was not damaged.
 */
export function openOrSetAside<T>(path: string, open: () => T): { opened: T; setAside: string | null } {
  try {
    return { opened: open(), setAside: null };
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
    return { opened: open(), setAside: kept };
  }
}
