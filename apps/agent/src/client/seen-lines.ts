import type { LogLine } from '@plimsoll/protocol';

/** Which lines of a log were given already, when it is read again from its beginning. */
export class SeenLines {
  /** Time of the last line given, and how many lines of just that time were: lines of one read share a time. */
  #lastAt = '';
  #countAtLast = 0;
  #isCatchingUp = false;
  /** Lines of time #lastAt that are still to be left out. */
  #toSkip = 0;

  get any(): boolean {
    return this.#lastAt !== '';
  }

  /** The stream was opened again: lines that were seen may come again. */
  beginAgain(): void {
    this.#isCatchingUp = true;
    this.#toSkip = this.#countAtLast;
  }

  isNew({ at, lostBytes }: LogLine): boolean {
    // It is in no log.
    if (lostBytes !== undefined) return true;
    if (this.#isCatchingUp) {
      // Times have a fixed number of digits: they sort as text.
      if (at < this.#lastAt) return false;
      if (at === this.#lastAt && this.#toSkip > 0) {
        this.#toSkip -= 1;
        return false;
      }
      this.#isCatchingUp = false;
    }
    this.#countAtLast = at === this.#lastAt ? this.#countAtLast + 1 : 1;
    this.#lastAt = at;
    return true;
  }
}
