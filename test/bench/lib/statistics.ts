/** Order statistics of one series of measurements. */
export interface Summary {
  n: number;
  median: number;
  p10: number;
  p99: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { n: sorted.length, median: at(0.5), p10: at(0.1), p99: at(0.99) };
}

export function milliseconds({ n, median, p10, p99 }: Summary): string {
  const f = (value: number) => value.toFixed(2).padStart(7);
  return `median ${f(median)} ms   p10 ${f(p10)}   p99 ${f(p99)}   n ${n}`;
}

/** Of two series that were measured by turns: the median of each round's `a` by its `b`, which a load that comes and goes moves least. */
export function medianRatio(a: readonly number[], b: readonly number[]): number {
  return summarize(a.map((value, round) => value / (b[round] ?? Number.NaN))).median;
}
