import type { LogLine } from '@plimsoll/protocol';

/** Which lines of a log were given already, when it is read again from its beginning. */
export class SeenLines {
  /** Time of the last line given, and how many lines of just that time were: lines of one read share a time. */
  #lastAt = '';
  #countAtLast = 0;
  #isCatchingUp = false;
  /** The first line after a new beginning was there. */
  #isFound = false;
  /** Lines of time #lastAt that are still to be left out. */
  #toSkip = 0;

  get any(): boolean {
    return this.#lastAt !== '';
  }

  /** The stream was opened again: lines that were seen may come again. */
  beginAgain(): void {
    this.#isCatchingUp = this.any;
    this.#isFound = false;
    this.#toSkip = this.#countAtLast;
  }

  /** Lines before this one are missing: the last line that was given is not there any more. To be asked before `isNew`. */
  isAfterLoss({ at }: LogLine): boolean {
    const isFirst = this.#isCatchingUp && !this.#isFound;
    this.#isFound = true;
    return isFirst && at > this.#lastAt;
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
