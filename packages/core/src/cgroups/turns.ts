/** Whose turn it is, so that each member has one in every round, spread evenly over it. A newcomer's comes at once. */
export class Turns<T> {
  readonly #roundMs: number;
  /** The one that has waited longest first. */
  readonly #queue = new Set<T>();
  readonly #newcomers = new Set<T>();
  /** Turns that have fallen due, in fractions; and until when. */
  #due = 0;
  #untilMs = Number.NaN;

  constructor(roundMs: number) {
    this.#roundMs = roundMs;
  }

  join(member: T): void {
    this.#newcomers.add(member);
  }

  leave(member: T): void {
    this.#newcomers.delete(member);
    this.#queue.delete(member);
  }

  /** Those whose turn has come by `nowMs`, each once. */
  take(nowMs: number): T[] {
    const passedMs = Number.isNaN(this.#untilMs) ? 0 : nowMs - this.#untilMs;
    this.#untilMs = nowMs;
    this.#due = Math.min(this.#queue.size, this.#due + (this.#queue.size * passedMs) / this.#roundMs);
    const taken = [...this.#newcomers];
    this.#newcomers.clear();
    for (const member of this.#queue) {
      if (this.#due < 1) break;
      this.#due--;
      taken.push(member);
      this.#queue.delete(member);
    }
    for (const member of taken) this.#queue.add(member);
    return taken;
  }
}
