import { execFile } from 'node:child_process';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { setAside } from './stores/set-aside.ts';

/**
 * Replaces `path` so that a kill -9 or a power cut at any instant leaves the old content or the new one, never a part:
 * write beside it, fsync, rename, fsync the directory (rename(2) alone orders nothing on disk). A directory at its place is set aside.
 */
export async function writeDurably(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = `${path}.new`;
  const file = await withoutDirectory(temporary, async () => await open(temporary, 'w', mode));
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await withoutDirectory(path, async () => await rename(temporary, path));
  await syncDirectory(dirname(path));
}

/** What `work` does with a file, again where a directory was in the way. */
async function withoutDirectory<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
    setAside(path);
    return await work();
  }
}

/** Makes creations, renames and removals in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** syncfs(2), for which Node has no name: one call where a tree of files would need an fsync each. */
export async function syncFileSystem(path: string): Promise<void> {
  await promisify(execFile)('sync', ['-f', path]);
}
