import { CHART_COLUMNS } from '@plimsoll/protocol';
import { FLOATS } from '../sampling/block.ts';
import type { History, RowHistory } from '../sampling/history.ts';
import { chunkOfSamples, type Chunk } from './chunk.ts';

/** A gap that is longer than this divides chunks. */
const MOST_STEPS = 120;
const COLUMNS = CHART_COLUMNS.map((name) => FLOATS.indexOf(name));

/** What the sampler has kept of one row in slots from `first` up to `end`, which is not among them. */
export function collect(row: RowHistory, clock: History, first: number, end: number, shiftMs: number): Chunk[] {
  const runs: { atMs: number; slots: Map<number, number> }[] = [];
  for (let slot = first; slot < end; slot++) {
    if (!row.has(slot)) continue;
    const atMs = clock.timeOf(slot);
    let run = runs.at(-1);
    if (run === undefined || (atMs - run.atMs) / clock.stepMs >= MOST_STEPS) runs.push((run = { atMs, slots: new Map() }));
    run.slots.set(Math.round((atMs - run.atMs) / clock.stepMs), slot);
  }
  // A sample tells of the time before it.
  return runs.map(({ atMs, slots }) => toChunk(row, slots, Math.round(atMs + shiftMs - clock.stepMs), clock.stepMs));
}

function toChunk(row: RowHistory, slots: ReadonlyMap<number, number>, fromMs: number, stepMs: number): Chunk {
  const steps = Math.max(...slots.keys()) + 1;
  const counts = new Uint32Array(steps);
  const means = COLUMNS.map(() => new Float32Array(steps).fill(Number.NaN));
  for (const [step, slot] of slots) {
    counts[step] = 1;
    for (const [i, column] of COLUMNS.entries()) (means[i] as Float32Array)[step] = row.figure(column, slot);
  }
  return chunkOfSamples(fromMs, stepMs, counts, means);
}
