import { setTimeout as delay } from 'node:timers/promises';
import { writeFailure } from '../disk-failure.ts';
import { complain } from './complain.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { Journal } from './journal.ts';

const RETRY_MS = 1000;

/** An entry that is not on disk. */
interface Waiting {
  entry: JournalEntry;
  /** Under way; null between two attempts. */
  writing: Promise<void> | null;
}

/**
 * Journal entries about what is done already: a container is removed, a group is frozen. While the disk takes none, such a verb
 * succeeds all the same, and its entry is written, in order, as soon as the disk takes it.
 */
export class LateRecords {
  readonly #journal: Pick<Journal, 'append'>;
  /** By what they are about: the newest replaces one that is not written. */
  readonly #waiting = new Map<string, Waiting>();
  /** Some have failed, and are tried again. */
  #isRetrying = false;

  constructor(journal: Pick<Journal, 'append'>) {
    this.#journal = journal;
  }

  /** Resolves when the entry is durable, or waits for the disk. */
  async append(entry: JournalEntry): Promise<void> {
    const subject = `${entry.kind === 'group-removed' ? 'group' : entry.kind} ${entry.id}`;
    const waiting: Waiting = { entry, writing: null };
    this.#waiting.delete(subject);
    this.#waiting.set(subject, waiting);
    try {
      // Written before this returns, where nothing is held up.
      await (this.#isRetrying ? this.settle() : this.#write(subject, waiting));
    } catch (error) {
      if (writeFailure(error) === null) {
        if (this.#waiting.get(subject) === waiting) this.#waiting.delete(subject);
        throw error;
      }
      if (this.#isRetrying) return;
      complain('the journal takes no entry, and gets it later', error);
      void this.#retry();
    }
  }

  /**
   * Writes what waits, or what waits of the container `id` alone. Rejects while the disk does not take it: what is appended now would be
   * overruled by it later.
   */
  async settle(id?: string): Promise<void> {
    for (const [subject, waiting] of this.#waiting) {
      if (id === undefined || waiting.entry.id === id) await this.#write(subject, waiting);
    }
  }

  #write(subject: string, waiting: Waiting): Promise<void> {
    waiting.writing ??= this.#append(subject, waiting);
    return waiting.writing;
  }

  async #append(subject: string, waiting: Waiting): Promise<void> {
    try {
      await this.#journal.append(waiting.entry);
      if (this.#waiting.get(subject) === waiting) this.#waiting.delete(subject);
    } finally {
      waiting.writing = null;
    }
  }

  async #retry(): Promise<void> {
    this.#isRetrying = true;
    while (this.#waiting.size > 0) {
      await delay(RETRY_MS, undefined, { ref: false });
      // What fails here is tried again.
      await this.settle().catch(() => {});
    }
    this.#isRetrying = false;
  }
}
