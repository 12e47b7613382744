type Floats = Float32Array<ArrayBuffer>;

/** Values of one column: one for each step, NaN where there was no reading. Where all are the same the three are one array. */
export interface ChunkColumn {
  mean: Floats;
  least: Floats;
  most: Floats;
}

/** Consecutive steps of one container or group. */
export interface Chunk {
  /** Wall clock, ms: where the first step begins. */
  fromMs: number;
  stepMs: number;
  /** How many samples each step is of. */
  counts: Uint32Array<ArrayBuffer>;
  /** In the order of CHART_COLUMNS. */
  columns: ChunkColumn[];
}

/** Every column as `mean` tells it: of samples themselves. */
export function chunkOfSamples(fromMs: number, stepMs: number, counts: Chunk['counts'], means: readonly Floats[]): Chunk {
  return { fromMs, stepMs, counts, columns: means.map(single) };
}

export function single(mean: Floats): ChunkColumn {
  return { mean, least: mean, most: mean };
}
