import { setAside } from '../../stores/set-aside.ts';
import { log } from '../log.ts';
import { isDamage, isDamageAtOpening, sizeOf } from './damage.ts';
import { removeWorkingCopy } from './damaged-copy.ts';
import { reportSetAside } from './worker.ts';

/** Files that SQLite keeps beside a database in WAL mode. */
const COMPANIONS = ['-wal', '-shm'];

interface Parts<T> {
  path: string;
  open: () => T;
  close: (store: T) => void;
  /** Copies what can be read of the damaged file `kept` into the store that takes its place. */
  carryOver?: (store: T, kept: string) => void;
}

/**
 * A store in a database file. One that turns out to be damaged, as it is opened or at any later use, is set aside, and a new one with what
 * could be carried over takes its place. One that cannot be opened for another reason stays as it is: every use tries again.
 */
export class StoreFile<T> {
  readonly #parts: Parts<T>;
  #isNew: boolean;
  #store: T | null = null;

  constructor(parts: Parts<T>) {
    this.#parts = parts;
    this.#isNew = sizeOf(parts.path) === 0;
    try {
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
    if (this.#store !== null) this.#parts.close(this.#store);
    this.#store = null;
  }

  #opened(): T {
    if (this.#store !== null) return this.#store;
    try {
      this.#store = this.#parts.open();
    } catch (error) {
      if (!isDamageAtOpening(error)) throw error;
      return this.#replace(null, error);
    }
    removeWorkingCopy(this.#parts.path);
    return this.#store;
  }

  #replace(damaged: T | null, error: unknown): T {
    const { path, open, close, carryOver } = this.#parts;
    this.#store = null;
    this.#isNew = false;
    try {
      if (damaged !== null) close(damaged);
    } catch {
      // It may be past closing in order.
    }
    const kept = setAside(path, COMPANIONS);
    log('error', 'a store is damaged: it is set aside, and a new one takes its place', { path, kept, error });
    const store = open();
    this.#store = store;
    try {
      carryOver?.(store, kept);
    } catch (cause) {
      log('error', 'nothing of a damaged store could be carried over', { kept, error: cause });
    }
    reportSetAside(kept);
    return store;
  }
}
