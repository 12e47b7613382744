/**
 * For how long a figure has been above a threshold, by the monotonic clock. Time between two samples that are too far apart, or
 * with one missing between them, was seen by nobody: it counts neither for nor against.
 */
export class Overrun {
  #atMs: number | null = null;
  #aboveMs: number | null = null;

  /** ms without a sample at or below it. Null: the last sample was not above. */
  get aboveMs(): number | null {
    return this.#aboveMs;
  }

  /** `mostMs`: what lies between two samples that follow each other, at the most. */
  sample(atMs: number, isAbove: boolean, mostMs: number): void {
    if (!isAbove) this.#aboveMs = null;
    else if (this.#aboveMs === null) this.#aboveMs = 0;
    else if (this.#atMs !== null && atMs - this.#atMs <= mostMs) this.#aboveMs += atMs - this.#atMs;
    this.#atMs = atMs;
  }

  /** There is no sample. */
  gap(): void {
    this.#atMs = null;
  }
}
