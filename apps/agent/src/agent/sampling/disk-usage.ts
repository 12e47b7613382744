import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Deeper than any image is, and as many descriptors are held on the way down. */
const MOST_DEPTH = 200;
const ENTRIES_BEFORE_REST = 200;
/** A walk rests so many times as long as it worked: 5 % of a cpu. */
const REST = 20;
const BLOCK_BYTES = 512;
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Bytes on disk of a directory and all below it (stat(2), st_blocks), files with several links once. It rests `rest` times as long
 * as it works.
 * The tree belongs to somebody who changes it meanwhile: each directory is reached through a descriptor of the one above it,
 * so that no symbolic link leads out of it. Null: stopped, or it is not there.
 */
export async function diskUsage(directory: string, signal: AbortSignal, rest = REST): Promise<number | null> {
  const seen = new Set<string>();
  let bytes = 0;
  let entries = 0;
  let sinceMs = performance.now();

  const pause = async (): Promise<void> => {
    if (++entries % ENTRIES_BEFORE_REST !== 0) return;
    await delay((performance.now() - sinceMs) * rest, undefined, { ref: false, signal });
    sinceMs = performance.now();
  };

  const count = async (path: Buffer): Promise<boolean> => {
    const stat = await lstat(path);
    const key = `${stat.dev}:${stat.ino}`;
    if (stat.isDirectory() || stat.nlink === 1 || !seen.has(key)) bytes += stat.blocks * BLOCK_BYTES;
    if (stat.nlink > 1 && !stat.isDirectory()) seen.add(key);
    return stat.isDirectory();
  };

  const walk = async (path: Buffer | string, depth: number): Promise<void> => {
    await using handle = await open(path, DIRECTORY);
    const own = Buffer.from(`/proc/self/fd/${handle.fd}/`);
    for (const name of await readdir(own, { encoding: 'buffer' })) {
      await pause();
      const child = Buffer.concat([own, name]);
      try {
        if ((await count(child)) && depth < MOST_DEPTH) await walk(child, depth + 1);
      } catch (error) {
        // It has gone, or become something else, since it was listed.
        if (signal.aborted) throw error;
      }
    }
  };

  try {
    await count(Buffer.from(directory));
    await walk(directory, 0);
    return bytes;
  } catch {
    return null;
  }
}
