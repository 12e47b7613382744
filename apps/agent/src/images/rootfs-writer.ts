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
import { refuseEntry, splitEntryName } from './entry-name.ts';
import { HIGH_IDS, ImportReport, TIMES, type Phrase } from './import-report.ts';
import type { ImportSpace } from './import-space.ts';

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

/** What every file system's 32-bit time can hold. */
const MAX_TIME_MS = (2 ** 31 - 1) * 1000;
/** Of the ids of a user namespace. */
const HIGHEST_ID = 65_535;

/** What the kernel's own file systems are mounted on; a symlink there would send the mount elsewhere. */
const MOUNT_POINTS = ['proc', 'sys', 'dev'];

/** A directory that was made. None is ever removed or replaced. */
interface Directory {
  attributes: Attributes;
  /** Those in it, by name. */
  below: Map<string, Directory>;
}

/**
 * Builds a rootfs from entries that nobody vouches for. Every entry's path is walked component by component: along directories that were made
 * here, which are remembered, so that an entry costs the same however many came before it. What is none of these is looked at with lstat, and a
 * symlink in a path is an error. That is free of races only because `root` lies in a directory of mode 0700 that
 * no other process has open: nothing changes between the look and the use.
 *
 * Extended attributes are not carried over, and reported. `security.capability` would have no effect under no_new_privs (capabilities(7)),
 * which a container has unless its request allows new privileges, and `trusted.overlay.*` would let an image redirect overlayfs.
 */
export class RootfsWriter {
  readonly root: string;
  /** What the image lacks, or has otherwise than its source. */
  readonly report = new ImportReport();
  readonly #limits: ImportLimits;
  readonly #top: Directory = { attributes: implied(), below: new Map() };
  readonly #space: ImportSpace | null;
  #entries = 0;
  #bytes = 0;

  /** `root` must be an empty directory that this process alone can reach. `space`: what it must leave free; null: nothing. */
  constructor(root: string, limits: ImportLimits = IMPORT_LIMITS, space: ImportSpace | null = null) {
    this.root = root;
    this.#limits = limits;
    this.#space = space;
  }

  get isEmpty(): boolean {
    return this.#entries === 0;
  }

  directory(name: string, attributes: Attributes): void {
    const parts = splitEntryName(name, this.root);
    const last = parts.at(-1);
    this.#check(attributes, name);
    if (last === undefined) {
      this.#top.attributes = attributes;
      return;
    }
    const { directory, path } = this.#enterParent(parts);
    const known = directory.below.get(last);
    if (known !== undefined) {
      known.attributes = attributes;
      return;
    }
    if (lstatSync(path, { throwIfNoEntry: false })) unlinkSync(path);
    this.#makeDirectory(directory, last, path).attributes = attributes;
  }

  /** Throws `too-large`, or `disk-full` of `space`, where so many bytes more would be too many: before the first of them is written. */
  expect(bytes: number): void {
    this.#limitBytes(this.#bytes + bytes);
    this.#space?.require(bytes);
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
    this.#check(attributes, name);
    setAttributes(path, attributes);
  }

  /** The content of `source`, shared block by block where the file system can, never by inode. */
  async copy(name: string, attributes: Attributes, source: string, sizeBytes: number): Promise<void> {
    const path = this.#place(name);
    if (sizeBytes > SMALL_BYTES) this.expect(sizeBytes);
    this.#countBytes(sizeBytes);
    const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
    if (sizeBytes <= SMALL_BYTES) copyFileSync(source, path, mode);
    else await copyFile(source, path, mode);
    this.#check(attributes, name);
    setAttributes(path, attributes);
  }

  /** A symlink's target is data: it is resolved only inside the container. */
  symlink(name: string, target: string, attributes: Attributes): void {
    if (target === '' || target.includes('\0')) throw refuseEntry(name, 'is a symlink without a valid target');
    const path = this.#place(name);
    symlinkSync(target, path);
    this.#check(attributes, name);
    lchownSync(path, attributes.uid, attributes.gid);
    setTimes(path, attributes);
  }

  /** A second name for an entry that is already there. link(2) doesn't follow a symlink as its last component, and the walk lets none before it. */
  hardLink(name: string, target: string): void {
    const targetParts = splitEntryName(target, this.root);
    const targetPath = this.#walk(targetParts, target, false)?.path;
    const existing = targetPath === undefined ? undefined : lstatSync(targetPath, { throwIfNoEntry: false });
    if (targetPath === undefined || !existing) {
      throw refuseEntry(name, `is a hard link to ${JSON.stringify(target)}, which is not there`);
    }
    if (existing.isDirectory()) throw refuseEntry(name, `is a hard link to the directory ${JSON.stringify(target)}`);
    // Itself: replacing it first would lose it.
    if (targetPath === join(this.root, ...splitEntryName(name, this.root))) return;
    linkSync(targetPath, this.#place(name));
  }

  /** Leaves an entry out, and reports that. `kind`: as leftOut has it. */
  skip(kind: Phrase, name: string): void {
    this.#count();
    this.report.add(kind, name);
  }

  /** Adds the mount points, then settles. */
  finish(): void {
    for (const name of MOUNT_POINTS) {
      const path = join(this.root, name);
      if (this.#top.below.has(name)) continue;
      if (lstatSync(path, { throwIfNoEntry: false })) throw refuseEntry(name, 'must be a directory: it is mounted over');
      this.#makeDirectory(this.#top, name, path);
    }
    this.settle();
  }

  /** Gives directories their attributes: earlier, each new entry would have touched their times again. */
  settle(): void {
    settle(this.root, this.#top);
  }

  /** The path for a new non-directory, whatever non-directory had it before removed: a later entry of a tar replaces an earlier one. */
  #place(name: string): string {
    const parts = splitEntryName(name, this.root);
    if (parts.length === 0) throw refuseEntry(name, 'would replace the root directory');
    const { path } = this.#enterParent(parts);
    const existing = lstatSync(path, { throwIfNoEntry: false });
    if (existing?.isDirectory()) throw refuseEntry(name, 'would replace a directory');
    if (existing) unlinkSync(path);
    this.#count();
    return path;
  }

  #enterParent(parts: string[]): Place {
    return this.#walk(parts, parts.join('/'), true) ?? { directory: this.#top, path: this.root };
  }

  /** The directory that an entry lies in, and the path of the entry; null: there is none, and none is to be made. */
  #walk(parts: string[], name: string, make: boolean): Place | null {
    let directory = this.#top;
    let path = this.root;
    for (const part of parts.slice(0, -1)) {
      path += `/${part}`;
      const next = directory.below.get(part) ?? this.#enter(directory, part, { path, name, make });
      if (next === null) return null;
      directory = next;
    }
    const last = parts.at(-1);
    return { directory, path: last === undefined ? path : `${path}/${last}` };
  }

  #enter(
    directory: Directory,
    part: string,
    { path, name, make }: { path: string; name: string; make: boolean },
  ): Directory | null {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isSymbolicLink()) throw refuseEntry(name, 'passes through a symlink');
    if (stats) throw refuseEntry(name, 'passes through something that is not a directory');
    return make ? this.#makeDirectory(directory, part, path) : null;
  }

  #makeDirectory(directory: Directory, name: string, path: string): Directory {
    this.#count();
    mkdirSync(path, 0o700);
    const made = { attributes: implied(), below: new Map<string, Directory>() };
    directory.below.set(name, made);
    return made;
  }

  #check({ uid, gid, mtimeMs }: Attributes, name: string): void {
    if (kept(mtimeMs) !== mtimeMs) this.report.add(TIMES, name);
    if (Math.max(uid, gid) > HIGHEST_ID) this.report.add(HIGH_IDS, name);
  }

  #count(): void {
    this.#entries += 1;
    this.#space?.count({ entries: 1 });
    if (this.#entries > this.#limits.entries) {
      throw new PlimsollError('too-large', `the image has more than ${this.#limits.entries} entries`, {
        hint: 'Import a smaller tree.',
      });
    }
  }

  #countBytes(bytes: number): void {
    this.#bytes += bytes;
    this.#limitBytes(this.#bytes);
    this.#space?.count({ bytes });
  }

  #limitBytes(bytes: number): void {
    if (bytes > this.#limits.bytes) {
      throw new PlimsollError('too-large', `the image unpacks to more than ${sizeInWords(this.#limits.bytes)}`, {
        hint: 'Import a smaller tree.',
      });
    }
  }
}

interface Place {
  directory: Directory;
  path: string;
}

function settle(path: string, { attributes, below }: Directory): void {
  for (const [name, directory] of below) settle(`${path}/${name}`, directory);
  setAttributes(path, attributes);
}

/** Of a directory that no entry describes. */
function implied(): Attributes {
  return { mode: 0o755, uid: 0, gid: 0, mtimeMs: Date.now() };
}

/** chown(2) clears setuid and setgid: the mode comes after it. */
function setAttributes(path: string, { mode, uid, gid, mtimeMs }: Attributes): void {
  lchownSync(path, uid, gid);
  chmodSync(path, mode & 0o7777);
  setTimes(path, { mtimeMs });
}

function setTimes(path: string, { mtimeMs }: Pick<Attributes, 'mtimeMs'>): void {
  const seconds = kept(mtimeMs) / 1000;
  lutimesSync(path, seconds, seconds);
}

/** Before 1970, after the end of 32 bits, or no number at all. */
function kept(mtimeMs: number): number {
  return Number.isFinite(mtimeMs) ? Math.min(Math.max(mtimeMs, 0), MAX_TIME_MS) : 0;
}
