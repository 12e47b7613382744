import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlimsollError } from '@plimsoll/protocol';
import { sizeInWords } from '@plimsoll/protocol/quantities';
import { parentPaths, refuseEntry, splitEntryName } from './entry-name.ts';

/** Owner, permission bits (setuid, setgid and sticky included) and time of an entry. */
export interface Attributes {
  mode: number;
  uid: number;
  gid: number;
  mtimeMs: number;
}

export interface ImportLimits {
  /** Files, directories and links. */
  entries: number;
  /** Content of all files together. */
  bytes: number;
}

export const IMPORT_LIMITS: ImportLimits = { entries: 1_000_000, bytes: 64 * 1024 ** 3 };

/** Copied at once: it holds up the event loop for less than a millisecond. */
const SMALL_BYTES = 256 * 1024;

/** What the kernel's own file systems are mounted on; a symlink there would send the mount elsewhere. */
const MOUNT_POINTS = ['proc', 'sys', 'dev'];

/**
 * Builds a rootfs from entries that nobody vouches for. Every entry's path is walked component by component with lstat,
 * and a symlink in it is an error. That is free of races only because `root` lies in a directory of mode 0700 that no one
 * else has been given: nothing changes between the lstat and the use.
 *
 * Extended attributes are not carried over. `security.capability` would have no effect (a container runs with no_new_privs,
 * capabilities(7)), and `trusted.overlay.*` would let an image redirect overlayfs.
 */
export class RootfsWriter {
  readonly root: string;
  /** What was left out, by kind. */
  readonly skipped = new Map<string, number>();
  readonly #limits: ImportLimits;
  readonly #directories = new Map<string, Attributes>();
  #entries = 0;
  #bytes = 0;

  /** `root` must be an empty directory that this process alone can reach. */
  constructor(root: string, limits: ImportLimits = IMPORT_LIMITS) {
    this.root = root;
    this.#limits = limits;
    this.#directories.set(root, implied());
  }

  get isEmpty(): boolean {
    return this.#entries === 0;
  }

  directory(name: string, attributes: Attributes): void {
    const parts = splitEntryName(name, this.root);
    if (parts.length === 0) {
      this.#directories.set(this.root, attributes);
      return;
    }
    const path = this.#enterParent(parts);
    const existing = lstatSync(path, { throwIfNoEntry: false });
    if (existing && !existing.isDirectory()) unlinkSync(path);
    if (!existing?.isDirectory()) this.#makeDirectory(path);
    this.#directories.set(path, attributes);
  }

  async file(name: string, attributes: Attributes, content: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#place(name);
    const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    try {
      // Into the page cache, a piece at a time: a trip to the thread pool for each would cost ten times the write itself.
      for await (const chunk of content) {
        this.#countBytes(chunk.byteLength);
        writeFileSync(file, chunk);
      }
    } finally {
      closeSync(file);
    }
    setAttributes(path, attributes);
  }

  /** The content of `source`, shared block by block where the file system can, never by inode. */
  async copy(name: string, attributes: Attributes, source: string, sizeBytes: number): Promise<void> {
    const path = this.#place(name);
    this.#countBytes(sizeBytes);
    const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
    if (sizeBytes <= SMALL_BYTES) copyFileSync(source, path, mode);
    else await copyFile(source, path, mode);
    setAttributes(path, attributes);
  }

  /** A symlink's target is data: it is resolved only inside the container. */
  symlink(name: string, target: string, attributes: Attributes): void {
    if (target === '' || target.includes('\0')) throw refuseEntry(name, 'is a symlink without a valid target');
    const path = this.#place(name);
    symlinkSync(target, path);
    lchownSync(path, attributes.uid, attributes.gid);
    lutimesSync(path, attributes.mtimeMs / 1000, attributes.mtimeMs / 1000);
  }

  /** A second name for an entry that is already there. link(2) doesn't follow a symlink as its last component, and the walk lets none before it. */
  hardLink(name: string, target: string): void {
    const targetParts = splitEntryName(target, this.root);
    const targetPath = targetParts.length === 0 ? this.root : this.#walk(targetParts, target, false);
    const existing = lstatSync(targetPath, { throwIfNoEntry: false });
    if (!existing) throw refuseEntry(name, `is a hard link to ${JSON.stringify(target)}, which is not there`);
    if (existing.isDirectory()) throw refuseEntry(name, `is a hard link to the directory ${JSON.stringify(target)}`);
    // Itself: replacing it first would lose it.
    if (targetPath === join(this.root, ...splitEntryName(name, this.root))) return;
    linkSync(targetPath, this.#place(name));
  }

  /** Leaves an entry out, and remembers that. */
  skip(kind: string): void {
    this.#count();
    this.skipped.set(kind, (this.skipped.get(kind) ?? 0) + 1);
  }

  /** Adds the mount points, then settles. */
  finish(): void {
    for (const name of MOUNT_POINTS) {
      const path = join(this.root, name);
      const existing = lstatSync(path, { throwIfNoEntry: false });
      if (!existing) this.#makeDirectory(path);
      else if (!existing.isDirectory()) throw refuseEntry(name, 'must be a directory: it is mounted over');
    }
    this.settle();
  }

  /** Gives directories their attributes: earlier, each new entry would have touched their times again. */
  settle(): void {
    for (const [path, attributes] of [...this.#directories].toReversed()) setAttributes(path, attributes);
  }

  /** The path for a new non-directory, whatever non-directory had it before removed: a later entry of a tar replaces an earlier one. */
  #place(name: string): string {
    const parts = splitEntryName(name, this.root);
    if (parts.length === 0) throw refuseEntry(name, 'would replace the root directory');
    const path = this.#enterParent(parts);
    const existing = lstatSync(path, { throwIfNoEntry: false });
    if (existing?.isDirectory()) throw refuseEntry(name, 'would replace a directory');
    if (existing) unlinkSync(path);
    this.#count();
    return path;
  }

  #enterParent(parts: string[]): string {
    return this.#walk(parts, parts.join('/'), true);
  }

  #walk(parts: string[], name: string, make: boolean): string {
    for (const parent of parentPaths(this.root, parts)) {
      const stats = lstatSync(parent, { throwIfNoEntry: false });
      if (!stats && make) this.#makeDirectory(parent);
      else if (!stats) break;
      else if (stats.isSymbolicLink()) throw refuseEntry(name, 'passes through a symlink');
      else if (!stats.isDirectory()) throw refuseEntry(name, 'passes through something that is not a directory');
    }
    return join(this.root, ...parts);
  }

  #makeDirectory(path: string): void {
    this.#count();
    mkdirSync(path, 0o700);
    this.#directories.set(path, implied());
  }

  #count(): void {
    this.#entries += 1;
    if (this.#entries > this.#limits.entries) {
      throw new PlimsollError('too-large', `the image has more than ${this.#limits.entries} entries`, {
        hint: 'Import a smaller tree.',
      });
    }
  }

  #countBytes(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.bytes) {
      throw new PlimsollError('too-large', `the image unpacks to more than ${sizeInWords(this.#limits.bytes)}`, {
        hint: 'Import a smaller tree.',
      });
    }
  }
}

/** Of a directory that no entry describes. */
function implied(): Attributes {
  return { mode: 0o755, uid: 0, gid: 0, mtimeMs: Date.now() };
}

/** chown(2) clears setuid and setgid: the mode comes after it. */
function setAttributes(path: string, { mode, uid, gid, mtimeMs }: Attributes): void {
  lchownSync(path, uid, gid);
  chmodSync(path, mode & 0o7777);
  lutimesSync(path, mtimeMs / 1000, mtimeMs / 1000);
}
