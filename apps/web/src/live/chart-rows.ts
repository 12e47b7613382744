import type { ChartColumn } from '@plimsoll/protocol';
import type { SampleRing } from './sample-ring.ts';

/** More than this a chart of half a screen's width cannot show. */
const MAX_POINTS = 300;
/** A reading may be this many intervals late before the time before it counts as a gap. */
const GAP_INTERVALS = 2.5;

/** One point of every chart; null: no reading. */
export type ChartRow = { time: number } & Record<ChartColumn, number | null> & {
    /** Of a mean over a longer time, the least and the most in it. */
    bands?: Partial<Record<ChartColumn, [least: number, most: number]>>;
  };

/**
 * The readings from `from` to the newest as rows for a chart, means over fixed steps of the clock where there are more than
 * a chart can show: a point stays what it was while the window moves on. A gap in time becomes a row of nulls, which breaks the line.
 */
export function chartRows(
  ring: SampleRing<ChartColumn>,
  names: readonly ChartColumn[],
  from: number,
  intervalMs: number,
): ChartRow[] {
  const spanMs = Math.max(0, ring.latestTime - from);
  const stepMs = intervalMs * Math.max(1, Math.ceil(spanMs / intervalMs / MAX_POINTS));
  const rows: ChartRow[] = [];
  let begin = firstFrom(ring, from);
  while (begin < ring.length) {
    const step = Math.floor(ring.time(begin) / stepMs);
    let end = begin + 1;
    while (stepMs > intervalMs && end < ring.length && Math.floor(ring.time(end) / stepMs) === step) end += 1;
    const time = ring.time(end - 1);
    const before = ring.time(begin - 1);
    if (rows.length > 0 && ring.time(begin) - before > GAP_INTERVALS * intervalMs) rows.push(row(names, before + 1, () => NaN));
    rows.push(row(names, time, (name) => mean(ring, name, begin, end)));
    begin = end;
  }
  return rows;
}

function firstFrom(ring: SampleRing<ChartColumn>, from: number): number {
  let low = 0;
  let high = ring.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ring.time(middle) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function row(names: readonly ChartColumn[], time: number, value: (name: ChartColumn) => number): ChartRow {
  const values = names.map((name) => [name, nullable(value(name))]);
  return { time, ...Object.fromEntries(values) } as ChartRow;
}

function mean(ring: SampleRing<ChartColumn>, name: ChartColumn, begin: number, end: number): number {
  let sum = 0;
  let n = 0;
  for (let i = begin; i < end; i += 1) {
    const value = ring.value(name, i);
    if (Number.isNaN(value)) continue;
    sum += value;
    n += 1;
  }
  return n === 0 ? NaN : sum / n;
}

function nullable(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
