import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statfsSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ownDirectory } from './leftovers.ts';

const MEBIBYTE = 1024 * 1024;
const PAGE_BYTES = 4096;

export type DiskKind = 'ext4' | 'tmpfs';

/** Why this host cannot make one; null: it can. */
export function whyNoDisk(kind: DiskKind): string | null {
  try {
    new FillableDisk(kind, 8 * MEBIBYTE)[Symbol.dispose]();
    return null;
  } catch (error) {
    return `this host makes no ${kind} to be filled: ${(error as Error).message}`;
  }
}

/** A small file system of a test's own. Disposing unmounts it; the loop device of an image goes with its mount. */
export class FillableDisk implements Disposable {
  readonly directory: string;
  readonly #image: string | null;

  constructor(kind: DiskKind, bytes: number) {
    this.directory = mkdtempSync(join(ownDirectory(), 'disk-'));
    this.#image = kind === 'ext4' ? `${this.directory}.img` : null;
    if (this.#image === null) {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=755`, 'tmpfs', this.directory]);
      return;
    }
    writeFileSync(this.#image, '');
    truncateSync(this.#image, bytes);
    // Nothing is reserved for root: who writes here is root.
    const eager = 'lazy_itable_init=0,lazy_journal_init=0';
    execFileSync('mkfs.ext4', ['-q', '-m', '0', '-E', eager, this.#image]);
    execFileSync('mount', ['-o', 'loop', this.#image, this.directory]);
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.directory);
    return bavail * bsize;
  }

  /** Leaves so much room, or none at all, whatever others write meanwhile. */
  fill(roomBytes = 0): void {
    const fd = openSync(this.#filler, 'a');
    const take = (bytes: number): boolean => {
      try {
        return writeSync(fd, Buffer.alloc(bytes)) === bytes;
      } catch {
        return false;
      }
    };
    if (roomBytes > 0) take(this.freeBytes - roomBytes);
    else for (const bytes of [MEBIBYTE, PAGE_BYTES, 1]) while (take(bytes));
    fsyncSync(fd);
    closeSync(fd);
  }

  /** Frees what `fill` has taken. */
  free(): void {
    rmSync(this.#filler);
  }

  get #filler(): string {
    return join(this.directory, 'filler');
  }

  [Symbol.dispose](): void {
    execFileSync('umount', ['--lazy', this.directory]);
    if (this.#image !== null) rmSync(this.#image);
  }
}
