import type { ChartHistory, ChartSeries } from '@plimsoll/protocol';
import { CHART_COLUMNS } from '@plimsoll/protocol/chart-columns';
import { Accumulator } from './accumulator.ts';
import type { ChartRollUp } from './chart-roll-up.ts';
import type { ChartStore, ChartSubject } from './chart-store.ts';
import type { Chunk, ChunkColumn } from './chunk.ts';
import { COARSEST, FINEST, GRAINS, type ChartRetention, type Grain } from './grains.ts';

/** What a chart shows of one container or group. */
export interface ChartAsked extends ChartSubject {
  fromMs: number;
  toMs: number;
  points: number;
  nowMs: number;
  retention: ChartRetention;
  /** Taken, and not stored yet. */
  pending: readonly Chunk[];
}

export type ChartTold = Pick<ChartHistory, 'from' | 'stepMs' | 'steps' | 'columns' | 'unseen'>;

/** A grain is fine enough for steps that are this much finer than its own. */
const ROUGHLY = 1.5;
/** Samples are stored once a minute. */
const MOST_LOST_MS = 90_000;
/** Digits of a value that are told: a chart does not show as many. */
const DIGITS = 5;

/**
 * A span of time in about as many steps as were asked for: of the coarsest grain that is fine enough; where that is dropped
 * already of a coarser one, and where it is not made yet of a finer one.
 */
export function chartView(store: ChartStore, rollUp: ChartRollUp, asked: ChartAsked): ChartTold {
  const { fromMs, toMs, points, nowMs, retention, pending } = asked;
  const wantedMs = (toMs - fromMs) / points;
  const grain = GRAINS.findLast((one) => one.stepMs <= wantedMs * ROUGHLY) ?? FINEST;
  const series = store.find(asked);
  // The first step begins a little before what was asked for.
  const earlierMs = fromMs - Math.max(wantedMs * ROUGHLY, grain.stepMs);
  const stored = partsOf(grain, earlierMs, toMs, { nowMs, retention, rollUp }).flatMap((part) =>
    series === null ? [] : store.chunks(part.grain.name, series, part.fromMs, part.toMs).map((chunk) => ({ ...part, chunk })),
  );
  const all = [...stored, ...pending.map((chunk) => ({ fromMs: earlierMs, toMs, chunk }))];
  const chunks = all.map(({ chunk }) => chunk);
  const { stepMs, from } = stepsOf(fromMs, wantedMs, grain, chunks);
  const steps = Math.ceil((toMs - from) / stepMs);
  const sums = new Accumulator(from, stepMs, steps);
  for (const part of all) sums.add(part.chunk, part.fromMs, part.toMs);
  const { columns } = sums.chunk();
  const unseen = store
    .unseen(fromMs, Math.min(toMs, nowMs))
    .map(({ from: goneMs, to }) => ({ from: Math.max(fromMs, lostFrom(goneMs, chunks)), to }));
  return { from, stepMs, steps, columns: told(columns), unseen };
}

/** An agent that is killed takes with it what it has not stored: from when on there is nothing, before nobody was there. */
function lostFrom(goneMs: number, chunks: readonly Chunk[]): number {
  const before = chunks.filter(({ fromMs }) => fromMs < goneMs);
  const lastMs = Math.max(...before.map(({ fromMs, stepMs, counts }) => fromMs + stepMs * counts.length));
  return lastMs < goneMs && goneMs - lastMs <= MOST_LOST_MS ? lastMs : goneMs;
}

/** Whole multiples of the grain's own, at round times; steps as short as samples are lie around these. */
function stepsOf(fromMs: number, wantedMs: number, grain: Grain, chunks: readonly Chunk[]): { stepMs: number; from: number } {
  const finest = chunks.reduce<Chunk | null>((least, one) => (least === null || one.stepMs <= least.stepMs ? one : least), null);
  const leastMs = grain === FINEST ? (finest?.stepMs ?? FINEST.stepMs) : grain.stepMs;
  const stepMs = Math.max(1, Math.round(wantedMs / leastMs)) * leastMs;
  const phaseMs = grain === FINEST && stepMs === leastMs ? (finest?.fromMs ?? 0) % stepMs : 0;
  return { stepMs, from: Math.floor((fromMs - phaseMs) / stepMs) * stepMs + phaseMs };
}

interface Part {
  grain: Grain;
  fromMs: number;
  toMs: number;
}

/** Which grain tells of which part of a span. */
function partsOf(
  wanted: Grain,
  fromMs: number,
  toMs: number,
  { nowMs, retention, rollUp }: { nowMs: number; retention: ChartRetention; rollUp: ChartRollUp },
): Part[] {
  const parts: Part[] = [];
  const index = GRAINS.indexOf(wanted);
  let endMs = toMs;
  for (const grain of GRAINS.slice(index)) {
    const keptFromMs =
      grain === COARSEST ? Number.NEGATIVE_INFINITY : Math.ceil((nowMs - retention[grain.name]) / grain.chunkMs) * grain.chunkMs;
    const beginMs = Math.max(fromMs, keptFromMs);
    if (beginMs < endMs) parts.push({ grain, fromMs: beginMs, toMs: endMs });
    endMs = Math.min(endMs, beginMs);
  }
  return parts.flatMap((part) => madeSoFar(part, rollUp));
}

/** Where it is not made yet the finer ones are. */
function madeSoFar({ grain, fromMs, toMs }: Part, rollUp: ChartRollUp): Part[] {
  const untilMs = rollUp.until(grain);
  if (toMs <= untilMs) return [{ grain, fromMs, toMs }];
  const finer = GRAINS[GRAINS.indexOf(grain) - 1];
  const made = fromMs < untilMs ? [{ grain, fromMs, toMs: untilMs }] : [];
  return finer === undefined ? made : [...made, ...madeSoFar({ grain: finer, fromMs: Math.max(fromMs, untilMs), toMs }, rollUp)];
}

function told(columns: readonly ChunkColumn[]): ChartHistory['columns'] {
  const present = CHART_COLUMNS.flatMap((name, i): [string, ChartSeries][] => {
    const column = columns[i];
    if (column === undefined || column.mean.every(Number.isNaN)) return [];
    const [mean, least, most] = [column.mean, column.least, column.most].map(values);
    if (mean === undefined || least === undefined || most === undefined) return [];
    const isFlat = mean.every((value, step) => value === least[step] && value === most[step]);
    return [[name, isFlat ? { mean } : { mean, least, most }]];
  });
  return Object.fromEntries(present);
}

function values(column: Float32Array): (number | null)[] {
  return Array.from(column, (value) => (Number.isNaN(value) ? null : Number(value.toPrecision(DIGITS))));
}
