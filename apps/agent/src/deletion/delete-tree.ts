import { constants, readFileSync } from 'node:fs';
import { lstat, open, opendir, rename, rmdir, unlink, type FileHandle } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
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
 * descriptors and a bounded memory are enough for any depth, and each directory is read once or twice. Names are bytes. A mount is not entered,
 * by its id (/proc/self/fdinfo/N), also where it shows the same file system. What one entry refuses (EPERM of an immutable file, EBUSY of a mount) stops no
 * other.
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
  /** Of names that directories are moved to. Another deletion of this tree may have been cut short. */
  readonly #prefix = `.deleted-${randomBytes(6).toString('hex')}-`;
  #moves = 0;
  #calls = 0;
  /** Directories in the top whose turn is next. */
  readonly #next: Buffer[] = [];
  #progress = 0;
  #left: Left | null = null;

  constructor(top: FileHandle, options: DeletionOptions) {
    this.#top = throughDescriptor(top);
    this.#mount = mountOf(top);
    this.#options = options;
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
      await this.#empty(throughDescriptor(handle));
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      return this.#fail(error);
    }
    await this.#try(async () => await rmdir(path));
  }

  async #empty(directory: Buffer): Promise<void> {
    for await (const { name, isDirectory } of entriesOf(directory)) {
      const path = Buffer.concat([directory, name]);
      if (!isDirectory && (await this.#unlink(path))) continue;
      if (await this.#isRemoved(path)) continue;
      const moved = Buffer.from(`${this.#prefix}${++this.#moves}`);
      const isMoved = await this.#try(async () => await rename(path, this.#inTop(moved)));
      if (isMoved && this.#next.length < MOST_REMEMBERED) this.#next.push(moved);
    }
  }

  /** False: it is a directory, whatever its directory's entry said. */
  async #unlink(path: Buffer): Promise<boolean> {
    try {
      await this.#count();
      await unlink(path);
      this.#progress++;
      return true;
    } catch (error) {
      if (codeOf(error) === 'EISDIR') return false;
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

  #fail(error: unknown): void {
    if (codeOf(error) === 'ENOENT') return;
    if (this.#left === null) this.#left = { entries: 1, error: asError(error) };
    else this.#left.entries++;
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
  return codeOf(error) === 'ENOENT' ? null : { entries: 1, error: asError(error) };
}

function ignoreGone(error: unknown): null {
  if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
  throw error;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
