import { execFile } from 'node:child_process';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { logFault } from '@plimsoll/core/guarded';
import { diskFailure, writeFailure } from './disk-failure.ts';
import { stateRoot } from './state-root.ts';
import { setAside, setAsideUnlessFile } from './stores/set-aside.ts';
import { releaseStep, reservePath } from './supervisor/reserve.ts';

/**
 * Replaces `path` so that a kill -9 or a power cut at any instant leaves the old content or the new one, never a part:
 * write beside it, fsync, rename, fsync the directory (rename(2) alone orders nothing on disk). A directory at its place is set aside. On a
 * full disk it takes the space of the state root's reserve: the name of an image that is removed must be written as well.
 */
export async function writeDurably(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = `${path}.new`;
  setAsideUnlessFile(temporary);
  for (;;) {
    try {
      await withoutDirectory(temporary, async () => await writeSynced(temporary, content, mode));
      break;
    } catch (error) {
      await rm(temporary, { force: true, recursive: true });
      if (!isForWantOfRoom(error) || !releaseFor(path)) throw error;
    }
  }
  await withoutDirectory(path, async () => await rename(temporary, path));
  await syncDirectory(dirname(path));
}

/**
 * For what can be made again at a later start: resolves also where the file system of `directory` takes no write, which is logged.
 */
export async function whereDiskTakesIt(what: string, directory: string, writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (diskFailure(error, directory) === null) throw error;
    logFault(`${what} cannot be written`, error);
  }
}

async function writeSynced(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'w', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isForWantOfRoom(error: unknown): boolean {
  const failure = writeFailure(error);
  return failure === 'full' || failure === 'quota';
}

/** False: the reserve is used up, or is not that of this file. */
function releaseFor(path: string): boolean {
  const state = stateRoot();
  const isOfState = [state.lib, state.run].some((directory) => path.startsWith(`${directory}/`));
  return isOfState && releaseStep(reservePath(state));
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
