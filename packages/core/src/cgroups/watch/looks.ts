import { guarded } from '../../events/guarded.ts';
/** Looks when it is woken, but not more often than pays. */
export class Looks implements Disposable {
  readonly #leastMs: number;
  readonly #look: () => void;
  readonly #timers = new Map<number, NodeJS.Timeout>();
  #lastMs = Number.NEGATIVE_INFINITY;
  #ended = false;

  constructor(leastMs: number, look: () => void) {
    this.#leastMs = leastMs;
    this.#look = look;
  }

  /** Looks now, or as soon as it may again. */
  wake(): void {
    const waitMs = this.#lastMs + this.#leastMs - performance.now();
    if (waitMs > 0) this.#lookIn(0, waitMs);
    else if (!this.#ended) this.#lookNow();
  }

  /** Looks after this time, in which what is to be seen comes to pass. */
  again(afterMs: number): void {
    this.#lookIn(afterMs, afterMs);
  }

  #lookIn(key: number, afterMs: number): void {
    if (this.#timers.has(key) || this.#ended) return;
    const timer = setTimeout(
      guarded('a look at the counters of a cgroup', () => {
        this.#timers.delete(key);
        this.#lookNow();
      }),
      afterMs,
    );
    this.#timers.set(key, timer.unref());
  }

  #lookNow(): void {
    this.#lastMs = performance.now();
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
