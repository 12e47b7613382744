/** KiB times ms of one meter, between its recorded readings, from the samples of each tick. */
export class MemoryIntegral {
  readonly #mostMs: number;
  #atMs: number | null = null;
  #kib: number | null = null;
  #kibMs = 0;
  #sampledMs = 0;

  /** `mostMs`: two samples further apart than this have a hole between them. */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  /** The last sample. */
  get kib(): number | null {
    return this.#kib;
  }

  /** Whole ms of the monotonic clock. */
  sample(atMs: number, kib: number | null): void {
    if (this.#atMs !== null && this.#kib !== null && kib !== null) {
      const passed = atMs - this.#atMs;
      if (passed > 0 && passed <= this.#mostMs) {
        this.#kibMs += ((this.#kib + kib) / 2) * passed;
        this.#sampledMs += passed;
      }
    }
    this.#atMs = atMs;
    this.#kib = kib;
  }

  /** Since the last call. */
  take(): { memoryKibMs: number; sampledMs: number } {
    const taken = { memoryKibMs: this.#kibMs, sampledMs: this.#sampledMs };
    this.#kibMs = 0;
    this.#sampledMs = 0;
    return taken;
  }
}
