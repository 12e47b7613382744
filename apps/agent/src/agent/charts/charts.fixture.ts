import { CHART_COLUMNS, type ChartColumn } from '@plimsoll/protocol';
import { chunkOfSamples, type Chunk } from './chunk.ts';

/** Samples of one second each from `fromMs` on. What a column lacks is NaN; no column at all: there was no reading. */
export function samples(fromMs: number, rows: readonly (Partial<Record<ChartColumn, number>> | null)[], stepMs = 1000): Chunk {
  const means = CHART_COLUMNS.map((name) => Float32Array.from(rows, (row) => row?.[name] ?? Number.NaN));
  return chunkOfSamples(
    fromMs,
    stepMs,
    Uint32Array.from(rows, (row) => Number(row !== null)),
    means,
  );
}
