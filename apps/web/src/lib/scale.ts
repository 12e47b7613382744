export interface Scale {
  max: number;
  ticks: number[];
}

const LEAST_TICKS = 2;
const MOST_TICKS = 4;

/**
 * An axis from 0 to at least `highest`, with ticks in round steps: of 1, 2, 5 times a power of ten, or of powers of two for bytes.
 * It ends at `ceiling` where nothing is higher, and else at a tick, so that it stays still while what it shows moves a little.
 */
export function niceScale(highest: number, kind: 'decimal' | 'binary' | 'whole', ceiling = 0): Scale {
  const least = kind === 'binary' ? 4096 : kind === 'whole' ? 2 : 0.1;
  const target = Math.max(highest, ceiling, least);
  let step = kind === 'binary' ? 2 ** Math.floor(Math.log2(target / MOST_TICKS)) : decimalStep(target / MOST_TICKS);
  if (kind === 'whole') step = Math.max(1, Math.ceil(step));
  while (Math.ceil(target / step - 1e-9) > MOST_TICKS) step = kind === 'binary' ? step * 2 : decimalStep(step * 1.5);
  const fixed = target === ceiling;
  const n = fixed ? Math.floor(target / step + 1e-9) : Math.max(LEAST_TICKS, Math.ceil(target / step - 1e-9));
  // Decimal steps are no binary fractions: round the sum, not the step.
  const ticks = Array.from({ length: n + 1 }, (_, i) => tidy(i * step));
  return { max: fixed ? ceiling : tidy(n * step), ticks };
}

function decimalStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10;
  return tidy(factor * power);
}

function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** Round instants of the clock within a window, for a time axis: in the reader's time zone where they are hours or days. */
export function timeTicks(from: number, to: number): number[] {
  const stepMs = STEPS_MS.find((step) => (to - from) / step <= MOST_TIMES) ?? Math.ceil((to - from) / MOST_TIMES / DAY) * DAY;
  // Of the beginning: a tick may be an hour off where the clocks change in between.
  const shiftMs = stepMs > HOUR / 2 ? new Date(from).getTimezoneOffset() * 60_000 : 0;
  const first = Math.ceil((from - shiftMs) / stepMs) * stepMs + shiftMs;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / stepMs) + 1) }, (_, i) => first + i * stepMs);
}

const MOST_TIMES = 6;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STEPS_MS = [
  ...[5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000],
  ...[HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY],
];
