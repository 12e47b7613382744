import { attempt, guarded } from '@plimsoll/core/guarded';
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, statfsSync, writeSync } from 'node:fs';
import { randomFillSync } from 'node:crypto';
import { join } from 'node:path';
import type { StateRoot } from '../state-root.ts';
import { writeFailure } from '../disk-failure.ts';
import { setAsideUnlessFile } from '../stores/set-aside.ts';

/** Space that is kept for the records of a supervisor whose disk is full. */
export interface Reserve {
  /** Frees a part of it. False: nothing of it is left. A write that found no room is tried again after each. */
  makeRoom(): boolean;
}

/** Where it is. */
export function reservePath({ lib }: Pick<StateRoot, 'lib'>): string {
  return join(lib, 'reserve');
}

const STEP_BYTES = 1024 * 1024;
const RESERVE_BYTES = 8 * STEP_BYTES;
/** What must stay free beside it. */
const MARGIN_BYTES = 16 * 1024 * 1024;
const FILL_EVERY_MS = 1000;

/**
 * A file that takes up space, cut shorter by `makeRoom`, and filled again step by step while there is room. Its bytes are random: a file
 * system that compresses would store zeroes in no space.
 */
export class FileReserve implements Reserve, Disposable {
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;

  constructor(path: string) {
    this.#path = path;
    attempt('the reserve of disk space', () => setAsideUnlessFile(path));
    this.#timer = setInterval(
      guarded('the reserve of disk space', () => this.#fill()),
      FILL_EVERY_MS,
    ).unref();
  }

  makeRoom(): boolean {
    return releaseStep(this.#path);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #fill(): void {
    try {
      const fd = openSync(this.#path, 'a', 0o600);
      try {
        const { size } = fstatSync(fd);
        const { bavail, bsize } = statfsSync(this.#path);
        if (size < RESERVE_BYTES && bavail * bsize > MARGIN_BYTES + STEP_BYTES) {
          writeSync(fd, randomFillSync(Buffer.allocUnsafe(Math.min(STEP_BYTES, RESERVE_BYTES - size))));
        }
      } finally {
        closeSync(fd);
      }
    } catch {
      // The disk takes none now; it is tried again.
    }
  }
}

/** Frees a part of the reserve at `path`; other processes of Plimsoll use it as well. */
export function releaseStep(path: string): boolean {
  try {
    const fd = openSync(path, 'r+');
    try {
      const { size } = fstatSync(fd);
      if (size === 0) return false;
      ftruncateSync(fd, Math.max(0, size - STEP_BYTES));
      // ext4 gives freed blocks to others when the truncation is committed.
      fsyncSync(fd);
      return true;
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

/** Does `work`, and again after each part of the reserve that is freed, as long as the disk is full. Throws as the last one did. */
export function withRoom<T>(reserve: Reserve, work: () => T): T {
  for (;;) {
    try {
      return work();
    } catch (error) {
      const failure = writeFailure(error);
      if ((failure !== 'full' && failure !== 'quota') || !reserve.makeRoom()) throw error;
    }
  }
}
