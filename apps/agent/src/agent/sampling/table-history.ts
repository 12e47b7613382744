import { allocateSamples } from '@plimsoll/protocol';
import { MOST_SLOTS, type History, type RowHistory } from './history.ts';

const TABLE_POINTS = 120;

/** Cpu alone of many rows, in at most TABLE_POINTS means whose borders do not move from one call to the next. */
export function encodeTableHistory(
  clock: History,
  rows: readonly { handle: number; history: RowHistory }[],
  shiftMs: number,
): Uint8Array<ArrayBuffer> {
  const end = clock.slot + 1;
  const width = Math.max(1, Math.ceil(MOST_SLOTS / TABLE_POINTS));
  // The oldest point may lack slots that are already forgotten.
  const firstPoint = Math.ceil(clock.firstSlot / width);
  const points = Math.min(TABLE_POINTS, Math.max(0, Math.ceil(end / width) - firstPoint));
  const begin = Math.max(firstPoint, Math.ceil(end / width) - points) * width;
  const samples = allocateSamples(points, rows.length, ['cpuCores']);
  for (let point = 0; point < points; point++) {
    samples.times[point] = clock.timeOf(Math.min(end, begin + (point + 1) * width) - 1) + shiftMs;
  }
  for (const [r, { handle, history }] of rows.entries()) {
    samples.handles[r] = handle;
    for (let point = 0; point < points; point++) {
      const from = begin + point * width;
      samples.columns.cpuCores![r * points + point] = history.meanCores(from, Math.min(end, from + width));
    }
  }
  return samples.bytes;
}
