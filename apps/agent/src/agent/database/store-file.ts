import { dirname } from 'node:path';
import { freeName } from '../../stores/set-aside.ts';
import { diskFailure } from '../../disk-failure.ts';
import { log } from '../log.ts';
import { damage, isDamage, isDamageAtOpening, sizeOf } from './damage.ts';
import type { Damaged } from './damaged-copy.ts';
import { checkInBackground } from './full-check.ts';
import { finishReplacement, putInPlace, unfinishedReplacement } from './replacement.ts';
import { reportSetAside } from './worker.ts';

interface Parts<T> {
  path: string;
  /** `path`: that of the parts, or of a new file that takes its place later. */
  open: (path: string) => T;
  close: (store: T, path: string) => void;
  /** Copies what can be read of a damaged file into the store that takes its place. */
  carryOver?: (store: T, damaged: Damaged, path: string) => void;
  /** When it is checked whole, after it was opened. */
  checkAfterMs?: number;
}

const CHECK_AFTER_MS = 10_000;

/**
 * A store in a database file. One that turns out to be damaged, as it is opened or at any later use, is set aside, and a new one with what
 * could be carried over takes its place. One that cannot be opened for another reason, or replaced for want of room, stays as it is: every use
 * tries again.
 */
export class StoreFile<T> {
  readonly #parts: Parts<T>;
  #isNew: boolean;
  #store: T | null = null;
  #check: Disposable | null = null;
  /** What a check of the whole file has found; the store is still to be replaced. */
  #problem: Error | null = null;

  constructor(parts: Parts<T>) {
    this.#parts = parts;
    this.#isNew = false;
    try {
      finishReplacement(parts.path);
      this.#isNew = sizeOf(parts.path) === 0;
      this.#opened();
    } catch (error) {
      log('error', 'a store cannot be opened, and is tried again with its next use', { path: parts.path, error });
    }
  }

  /** Whether there was nothing at all, or an empty file, when this was made. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** Where it finds damage, `work` runs a second time, on the store that takes the damaged one's place. Throws what `work` throws. */
  use<R>(work: (store: T) => R): R {
    const store = this.#opened();
    try {
      return work(store);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return work(this.#replace(store, error));
    }
  }

  close(): void {
    if (this.#store !== null) this.#parts.close(this.#store, this.#parts.path);
    this.#store = null;
    this.#check?.[Symbol.dispose]();
  }

  #opened(): T {
    if (this.#problem !== null) return this.#replace(this.#store, this.#problem);
    if (this.#store !== null) return this.#store;
    const { path, open } = this.#parts;
    finishReplacement(path);
    try {
      this.#store = open(path);
      this.#checkLater();
      return this.#store;
    } catch (error) {
      if (!isDamageAtOpening(error)) throw error;
      return this.#replace(null, error);
    }
  }

  #replace(damaged: T | null, error: unknown): T {
    const { path, open, close } = this.#parts;
    this.#store = null;
    this.#isNew = false;
    this.#check?.[Symbol.dispose]();
    try {
      if (damaged !== null) close(damaged, path);
    } catch {
      // It may be past closing in order.
    }
    const kept = freeName(path);
    log('error', 'a store is damaged: another takes its place, and it is set aside', { path, kept, error });
    this.#makeReplacement({ path, kept });
    putInPlace(path, kept);
    this.#problem = null;
    reportSetAside(kept);
    this.#store = open(path);
    return this.#store;
  }

  #checkLater(): void {
    const { path, checkAfterMs } = this.#parts;
    this.#check?.[Symbol.dispose]();
    this.#check = checkInBackground(path, checkAfterMs ?? CHECK_AFTER_MS, (problem) => {
      this.#problem = damage(problem);
      try {
        this.#opened();
      } catch (error) {
        log('error', 'a damaged store cannot be replaced, which is tried again with its next use', { path, error });
      }
    });
  }

  /** Throws where there is no room for it. */
  #makeReplacement(damaged: Damaged): void {
    const { open, close, carryOver } = this.#parts;
    const path = unfinishedReplacement(damaged.path);
    finishReplacement(damaged.path);
    const store = open(path);
    try {
      carryOver?.(store, damaged, path);
    } catch (error) {
      if (isForWantOfRoom(error, path)) {
        close(store, path);
        throw error;
      }
      log('error', 'a damaged store could not be carried over as a whole', { ...damaged, error });
    }
    close(store, path);
  }
}

/** What cannot be read of the damaged file (EIO) never will be. */
function isForWantOfRoom(error: unknown, path: string): boolean {
  return ['full', 'quota'].includes(diskFailure(error, dirname(path)) ?? '');
}
