/** As many as a table's narrow column can show. */
export const SPARKLINE_POINTS = 120;

/** Means over fixed steps of the clock, so that a point stays what it was while the line moves on. NaN: a gap. */
export class SparklineSeries {
  readonly #stepMs: number;
  readonly #sums = new Float64Array(SPARKLINE_POINTS);
  readonly #counts = new Uint32Array(SPARKLINE_POINTS);
  #newest = -1;
  #lastMs = -Infinity;

  constructor(stepMs: number) {
    this.#stepMs = stepMs;
  }

  /** A reading that is no newer than the last is dropped: history and live frames overlap. */
  push(timeMs: number, value: number): void {
    if (timeMs <= this.#lastMs) return;
    this.#lastMs = timeMs;
    const step = Math.floor(timeMs / this.#stepMs);
    if (!Number.isFinite(value) || step <= this.#newest - SPARKLINE_POINTS) return;
    if (step > this.#newest) this.#advance(step);
    const slot = step % SPARKLINE_POINTS;
    this.#sums[slot] = (this.#sums[slot] ?? 0) + value;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
  }

  /** The steps up to `nowMs`, oldest first. */
  points(nowMs: number): number[] {
    const last = Math.floor(nowMs / this.#stepMs);
    return Array.from({ length: SPARKLINE_POINTS }, (_, i) => this.#at(last - SPARKLINE_POINTS + 1 + i));
  }

  #at(step: number): number {
    if (step > this.#newest || step <= this.#newest - SPARKLINE_POINTS) return NaN;
    const slot = step % SPARKLINE_POINTS;
    const n = this.#counts[slot] ?? 0;
    return n === 0 ? NaN : (this.#sums[slot] ?? 0) / n;
  }

  #advance(step: number): void {
    for (let passed = Math.max(this.#newest + 1, step - SPARKLINE_POINTS + 1); passed <= step; passed += 1) {
      this.#sums[passed % SPARKLINE_POINTS] = 0;
      this.#counts[passed % SPARKLINE_POINTS] = 0;
    }
    this.#newest = step;
  }
}
