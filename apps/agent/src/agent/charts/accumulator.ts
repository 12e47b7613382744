import { CHART_COLUMNS } from '@plimsoll/protocol/chart-columns';
import type { Chunk, ChunkColumn } from './chunk.ts';

/** Sums up samples, or finer steps, into steps of its own: their mean by how many samples each is of, the least and the most. */
export class Accumulator {
  readonly #fromMs: number;
  readonly #stepMs: number;
  readonly #counts: Uint32Array<ArrayBuffer>;
  readonly #sums: Float64Array[];
  /** Samples that the sums are of: a column may lack some. */
  readonly #weights: Float64Array[];
  readonly #least: Float32Array<ArrayBuffer>[];
  readonly #most: Float32Array<ArrayBuffer>[];

  constructor(fromMs: number, stepMs: number, steps: number) {
    this.#fromMs = fromMs;
    this.#stepMs = stepMs;
    this.#counts = new Uint32Array(steps);
    this.#sums = CHART_COLUMNS.map(() => new Float64Array(steps));
    this.#weights = CHART_COLUMNS.map(() => new Float64Array(steps));
    this.#least = CHART_COLUMNS.map(() => new Float32Array(steps).fill(Number.NaN));
    this.#most = CHART_COLUMNS.map(() => new Float32Array(steps).fill(Number.NaN));
  }

  /** Those of its steps that begin within a span of time. A step that is wider than the ones here is in each that it covers. */
  add(chunk: Chunk, fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY): void {
    for (let step = 0; step < chunk.counts.length; step++) {
      const count = chunk.counts[step] ?? 0;
      const begin = chunk.fromMs + step * chunk.stepMs;
      if (count === 0 || begin < fromMs || begin >= toMs) continue;
      const middle = begin + chunk.stepMs / 2;
      const reach = Math.max(0, (chunk.stepMs - this.#stepMs) / 2);
      const first = Math.max(0, this.#stepAt(middle - reach));
      const last = Math.min(this.#counts.length - 1, this.#stepAt(middle + reach));
      for (let into = first; into <= last; into++) this.#addStep(chunk, step, into, count);
    }
  }

  chunk(): Chunk {
    return {
      fromMs: this.#fromMs,
      stepMs: this.#stepMs,
      counts: this.#counts,
      columns: CHART_COLUMNS.map((_column, i): ChunkColumn => {
        const weights = this.#weights[i];
        const mean = Float32Array.from(this.#sums[i] ?? [], (sum, step) => sum / (weights?.[step] ?? 0));
        return { mean, least: this.#least[i] ?? mean, most: this.#most[i] ?? mean };
      }),
    };
  }

  #stepAt(ms: number): number {
    return Math.floor((ms - this.#fromMs) / this.#stepMs);
  }

  #addStep(chunk: Chunk, step: number, into: number, count: number): void {
    this.#counts[into] = (this.#counts[into] ?? 0) + count;
    for (let column = 0; column < CHART_COLUMNS.length; column++) {
      const { mean, least, most } = chunk.columns[column] as ChunkColumn;
      const value = mean[step] as number;
      if (Number.isNaN(value)) continue;
      const [sums, weights] = [this.#sums[column] as Float64Array, this.#weights[column] as Float64Array];
      sums[into] = (sums[into] as number) + value * count;
      weights[into] = (weights[into] as number) + count;
      const [lows, highs] = [this.#least[column] as Float32Array, this.#most[column] as Float32Array];
      if (!((lows[into] as number) <= (least[step] as number))) lows[into] = least[step] as number;
      if (!((highs[into] as number) >= (most[step] as number))) highs[into] = most[step] as number;
    }
  }
}
