import { constants, readFileSync } from 'node:fs';
import { lstat, open, opendir, rename, rmdir, unlink, type FileHandle } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { hasCode } from '../has-code.ts';

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Tops within tops, each with two descriptors: overlayfs may have one at every level. */
const MOST_TOPS = 32;
/** Subdirectories that were moved up and come next; more of them are found by reading the top again. */
const MOST_REMEMBERED = 1000;
const CALLS_BETWEEN_TURNS = 64;
const NAMES_AT_ONCE = 256;

/** What could not be deleted: how many entries, and why the first of them. */
export interface Left {
  entries: number;
  error: Error;
}

export interface DeletionOptions {
  /** Its abort ends the deletion between two entries; `deleteTree` rejects with its reason. */
  signal?: AbortSignal;
  /** Awaited every few calls: whose turn it is. */
  turn?: () => Promise<void>;
}

/**
 * Deletes a file or a tree of any depth, width, names and modes, which somebody may still change meanwhile. Null: nothing is left.
 *
 * A directory is reached through its descriptor (/proc/self/fd/N, proc(5)), never by a path of several unknown components, and no symbolic
 * link is followed. A subdirectory with entries is moved up to the top of the tree under a name of ours, and deleted there: three
 * descriptors and a bounded memory are enough for any depth, and each directory is read once or twice. Where rename(2) cannot move it there
 * (EXDEV: out of a subvolume of btrfs, or into a project of quotas), the directory that it is in is a top, too. Names are bytes. A mount is
 * not entered, by its id (/proc/self/fdinfo/N), also where it shows the same file system. What one entry refuses (EPERM of an immutable
 * file, EBUSY of a mount) stops no other.
 */
export async function deleteTree(path: string, options: DeletionOptions = {}): Promise<Left | null> {
  const name = Buffer.from(path);
  const stats = await lstat(name).catch(ignoreGone);
  if (stats === null) return null;
  if (!stats.isDirectory()) return await unlink(name).then(() => null, leftOne);
  let left: Left | null;
  try {
    await using top = await open(name, DIRECTORY);
    left = await new TreeDeletion(top, options).run();
  } catch (error) {
    options.signal?.throwIfAborted();
    return leftOne(error);
  }
  return left ?? (await rmdir(name).then(() => null, leftOne));
}

class TreeDeletion {
  readonly #top: Buffer;
  readonly #mount: string;
  readonly #options: DeletionOptions;
  /** The tree whose top this one is in. */
  readonly #outer: TreeDeletion | null;
  readonly #depth: number;
  /** Of names that directories are moved to. Another deletion of this tree may have been cut short. */
  readonly #prefix = `.deleted-${randomBytes(6).toString('hex')}-`;
  #moves = 0;
  #calls = 0;
  /** Directories in the top whose turn is next. */
  readonly #next: Buffer[] = [];
  #progress = 0;
  #left: Left | null = null;

  constructor(top: FileHandle, options: DeletionOptions, outer: TreeDeletion | null = null) {
    this.#top = throughDescriptor(top);
    this.#mount = mountOf(top);
    this.#options = options;
    this.#outer = outer;
    this.#depth = outer === null ? 1 : outer.#depth + 1;
  }

  async run(): Promise<Left | null> {
    for (let before = -1; this.#progress > before;) {
      before = this.#progress;
      // A failure of the pass before may have been for want of space, which that pass has made.
      this.#left = null;
      for await (const { name, isDirectory } of entriesOf(this.#top)) {
        if (!isDirectory && (await this.#unlink(this.#inTop(name)))) continue;
        await this.#directory(name);
        for (let next = this.#next.pop(); next !== undefined; next = this.#next.pop()) await this.#directory(next);
      }
    }
    return this.#left;
  }

  /** Empties and removes a directory in the top. */
  async #directory(name: Buffer): Promise<void> {
    const path = this.#inTop(name);
    try {
      await using handle = await open(path, DIRECTORY);
      if (mountOf(handle) !== this.#mount) throw new Error('a mount is not deleted: unmount it first');
      if (!(await this.#isEmptied(throughDescriptor(handle)))) await this.#emptyInItself(handle);
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      return this.#fail(error);
    }
    await this.#try(async () => await rmdir(path));
  }

  /** False: what is in it cannot be moved to the top. */
  async #isEmptied(directory: Buffer): Promise<boolean> {
    for await (const { name, isDirectory } of entriesOf(directory)) {
      const path = Buffer.concat([directory, name]);
      if (!isDirectory && (await this.#unlink(path))) continue;
      if (await this.#isRemoved(path)) continue;
      if (!(await this.#isMoved(path))) return false;
    }
    return true;
  }

  /** To the outermost top that takes it. False: none does, for EXDEV. Another failure is noted. */
  async #isMoved(path: Buffer): Promise<boolean> {
    if (this.#outer !== null && (await this.#outer.#isMoved(path))) return true;
    const moved = Buffer.from(`${this.#prefix}${++this.#moves}`);
    await this.#count();
    try {
      await rename(path, this.#inTop(moved));
      this.#progress++;
      if (this.#next.length < MOST_REMEMBERED) this.#next.push(moved);
    } catch (error) {
      if (hasCode(error, 'EXDEV') && this.#depth < MOST_TOPS) return false;
      this.#fail(error);
    }
    return true;
  }

  async #emptyInItself(directory: FileHandle): Promise<void> {
    const inner = new TreeDeletion(directory, this.#options, this);
    const left = await inner.run();
    this.#progress += inner.#progress;
    if (left === null) return;
    this.#fail(left.error, left.entries);
  }

  /** False: it is a directory, whatever its directory's entry said. */
  async #unlink(path: Buffer): Promise<boolean> {
    try {
      await this.#count();
      await unlink(path);
      this.#progress++;
      return true;
    } catch (error) {
      if (hasCode(error, 'EISDIR')) return false;
      this.#options.signal?.throwIfAborted();
      this.#fail(error);
      return true;
    }
  }

  /** An empty directory is removed in its place. */
  async #isRemoved(path: Buffer): Promise<boolean> {
    await this.#count();
    return await rmdir(path).then(
      () => {
        this.#progress++;
        return true;
      },
      () => false,
    );
  }

  async #try(call: () => Promise<void>): Promise<boolean> {
    await this.#count();
    try {
      await call();
      this.#progress++;
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #fail(error: unknown, entries = 1): void {
    if (hasCode(error, 'ENOENT')) return;
    if (this.#left === null) this.#left = { entries, error: asError(error) };
    else this.#left.entries += entries;
  }

  async #count(): Promise<void> {
    this.#options.signal?.throwIfAborted();
    if (++this.#calls % CALLS_BETWEEN_TURNS === 0) await this.#options.turn?.();
  }

  #inTop(name: Buffer): Buffer {
    return Buffer.concat([this.#top, name]);
  }
}

interface Entry {
  name: Buffer;
  isDirectory: boolean;
}

async function* entriesOf(directory: Buffer): AsyncGenerator<Entry> {
  // Node takes `buffer` for an encoding here as it does elsewhere (fs.opendir); its types do not have it.
  const encoding = 'buffer' as BufferEncoding;
  for await (const entry of await opendir(directory.toString(), { encoding, bufferSize: NAMES_AT_ONCE })) {
    yield { name: (entry as unknown as Dirent<Buffer>).name, isDirectory: entry.isDirectory() };
  }
}

function throughDescriptor(handle: FileHandle): Buffer {
  return Buffer.from(`/proc/self/fd/${handle.fd}/`);
}

/** proc_pid_fdinfo(5). procfs never blocks. */
function mountOf(handle: FileHandle): string {
  const info = readFileSync(`/proc/self/fdinfo/${handle.fd}`, 'latin1');
  return /^mnt_id:\s*(\d+)$/m.exec(info)?.[1] ?? '';
}

function leftOne(error: unknown): Left | null {
  return hasCode(error, 'ENOENT') ? null : { entries: 1, error: asError(error) };
}

function ignoreGone(error: unknown): null {
  if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
  throw error;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
