import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownDirectory } from './leftovers.ts';

export type DiskKind = 'ext4' | 'tmpfs';

/** A small file system of a test's own. Disposing unmounts it; the loop device of an image goes with its mount. */
export class SmallDisk implements Disposable {
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

  [Symbol.dispose](): void {
    execFileSync('umount', ['--lazy', this.directory]);
    if (this.#image !== null) rmSync(this.#image);
  }
}
