import { setTimeout as delay } from 'node:timers/promises';
import { writeFailure } from '../disk-failure.ts';
import { complain } from './complain.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { Journal } from './journal.ts';

const RETRY_MS = 1000;

/**
 * Journal entries about what is done already: a container is removed, a group is frozen. While the disk takes none, such a verb
 * succeeds all the same, and its entry is written, in order, as soon as the disk takes it.
 */
export class LateRecords {
  readonly #journal: Journal;
  /** By what they are about: the newest replaces one that is not written. */
  readonly #waiting = new Map<string, JournalEntry>();
  #isRetrying = false;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Resolves when the entry is durable, or waits for the disk. */
  async append(entry: JournalEntry): Promise<void> {
    try {
      // Written before this returns, where nothing waits.
      if (this.#waiting.size > 0) await this.settle();
      await this.#journal.append(entry);
    } catch (error) {
      if (writeFailure(error) === null) throw error;
      if (this.#waiting.size === 0) complain('the journal takes no entry, and gets it later', error);
      this.#wait(entry);
    }
  }

  /** Writes what waits. Rejects while the disk does not take it: what is appended now would be overruled by it later. */
  async settle(): Promise<void> {
    for (const [subject, entry] of this.#waiting) {
      await this.#journal.append(entry);
      if (this.#waiting.get(subject) === entry) this.#waiting.delete(subject);
    }
  }

  #wait(entry: JournalEntry): void {
    const subject = `${entry.kind === 'group-removed' ? 'group' : entry.kind} ${entry.id}`;
    this.#waiting.delete(subject);
    this.#waiting.set(subject, entry);
    if (!this.#isRetrying) void this.#retry();
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
