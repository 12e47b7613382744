import { statfsSync } from 'node:fs';
import { PlimsollError } from '@plimsoll/protocol';
import { sizeInWords } from '@plimsoll/protocol/quantities';

const LOOK_EVERY_BYTES = 64 * 1024 ** 2;
const LOOK_EVERY_ENTRIES = 1000;
/** Of bytes and inodes: what an import leaves to all else. */
const KEPT_SHARE = 0.05;
const MOST_KEPT_BYTES = 1024 ** 3;

/** Ends an import before it has filled its file system. */
export class ImportSpace {
  readonly #directory: string;
  #bytes = 0;
  #entries = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Counts what was written. Looks now and then; throws `disk-full`. */
  count({ bytes = 0, entries = 0 }: { bytes?: number; entries?: number }): void {
    this.#bytes += bytes;
    this.#entries += entries;
    if (this.#bytes < LOOK_EVERY_BYTES && this.#entries < LOOK_EVERY_ENTRIES) return;
    this.#bytes = 0;
    this.#entries = 0;
    this.require(0);
  }

  /** Throws `disk-full` where so much more would leave too little. */
  require(bytes: number): void {
    const { blocks, bavail, bsize, files, ffree } = statfsSync(this.#directory);
    const kept = Math.min(MOST_KEPT_BYTES, blocks * bsize * KEPT_SHARE);
    if (blocks > 0 && bavail * bsize - bytes < kept) {
      const free = sizeInWords(bavail * bsize);
      throw this.#full(`an import must leave ${sizeInWords(Math.ceil(kept))} of the file system free, and ${free} are free now`);
    }
    if (files > 0 && ffree < files * KEPT_SHARE) {
      throw this.#full(`an import must leave ${KEPT_SHARE * 100} % of the file system's inodes free`);
    }
  }

  /** Its cause is the error of a write to a full disk: what skips an image on a full disk skips it here, too. */
  #full(message: string): PlimsollError {
    const cause = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', path: this.#directory });
    return new PlimsollError('disk-full', message, { cause });
  }
}
