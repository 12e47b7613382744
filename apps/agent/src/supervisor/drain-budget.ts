/** Of the time that passes, at most this part goes into the output of one container; and of all together. */
const SHARE_OF_ONE = 0.03;
const SHARE_OF_ALL = 0.12;
/** What is saved up at most: the output of a container that writes now and then never waits. */
const SAVED_BY_ONE_MS = 10;
const SAVED_BY_ALL_MS = 20;

/** Time that may be spent at once, earned as time passes. It may be overdrawn by one piece of work. */
export class TimeBudget {
  readonly #share: number;
  readonly #mostMs: number;
  readonly #now: () => number;
  #leftMs: number;
  #at: number;

  constructor(share: number, mostMs: number, now: () => number = () => performance.now()) {
    this.#share = share;
    this.#mostMs = mostMs;
    this.#now = now;
    this.#leftMs = mostMs;
    this.#at = now();
  }

  spend(ms: number): void {
    this.#earn();
    this.#leftMs -= ms;
  }

  /** How long nothing may be spent from now on; 0: something may. */
  get waitMs(): number {
    this.#earn();
    return this.#leftMs > 0 ? 0 : Math.ceil(-this.#leftMs / this.#share) + 1;
  }

  #earn(): void {
    const now = this.#now();
    this.#leftMs = Math.min(this.#mostMs, this.#leftMs + (now - this.#at) * this.#share);
    this.#at = now;
  }
}

const all = new TimeBudget(SHARE_OF_ALL, SAVED_BY_ALL_MS);

/**
 * The time of the event loop that goes into the output of one container. Newlines cost the supervisor far more than their writer: past
 * its budget a container's FIFO fills, and its writes wait.
 */
export class DrainBudget {
  readonly #own = new TimeBudget(SHARE_OF_ONE, SAVED_BY_ONE_MS);

  spend(ms: number): void {
    this.#own.spend(ms);
    all.spend(ms);
  }

  get waitMs(): number {
    return Math.max(this.#own.waitMs, all.waitMs);
  }
}
