const FIRST_MS = 10_000;
const LAST_MS = 600_000;

/** How often to tell of what goes on and on: at once, then ever more rarely, so that it does not crowd out what happens once. */
export class IncidentPace {
  #toldMs = Number.NEGATIVE_INFINITY;
  #quietMs = FIRST_MS;

  /** Whether to tell of it at this time (ms of a monotonic clock). */
  pass(nowMs: number): boolean {
    const sinceMs = nowMs - this.#toldMs;
    if (sinceMs < this.#quietMs) return false;
    // Nothing was held back for as long again: it is a new one.
    this.#quietMs = sinceMs < 2 * this.#quietMs + FIRST_MS ? Math.min(LAST_MS, 2 * this.#quietMs) : FIRST_MS;
    this.#toldMs = nowMs;
    return true;
  }
}
