/** What time charts show: the newest samples as they come, the time up to now, or a span between two instants (ms since 1970). */
export type ChartRange =
  | { kind: 'live'; windowMs: number }
  | { kind: 'past'; windowMs: number }
  | { kind: 'span'; from: number; to: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What the page itself remembers (HISTORY_MS), and what the agent keeps. */
export const LIVE_WINDOWS = [
  { name: '1m', label: '1 min', ms: MINUTE },
  { name: '5m', label: '5 min', ms: 5 * MINUTE },
  { name: '10m', label: '10 min', ms: 10 * MINUTE },
] as const;
export const PAST_WINDOWS = [
  { name: '1h', label: '1 h', ms: HOUR },
  { name: '6h', label: '6 h', ms: 6 * HOUR },
  { name: '1d', label: '1 d', ms: DAY },
  { name: '7d', label: '7 d', ms: 7 * DAY },
  { name: '30d', label: '30 d', ms: 30 * DAY },
] as const;
const WINDOWS = [...LIVE_WINDOWS, ...PAST_WINDOWS];

/** A chart has no use for less. */
const LEAST_SPAN_MS = 10_000;
const LONGEST_SPAN_MS = 400 * DAY;

/** For what has not run for much longer: a wider window would be an empty one. */
const YOUNG_MS = MINUTE;
const USUAL_MS = 5 * MINUTE;

export function usualWindow(ranForMs: number): number {
  return ranForMs < 2 * YOUNG_MS ? YOUNG_MS : USUAL_MS;
}

/** From a page's address. */
export function readRange(params: { get(name: string): string | null }, usualMs: number): ChartRange {
  const [from, to] = [params.get('from'), params.get('to')].map((text) => (text === null ? NaN : Date.parse(text)));
  if (from !== undefined && to !== undefined && to - from >= LEAST_SPAN_MS && to - from <= LONGEST_SPAN_MS) {
    return { kind: 'span', from, to };
  }
  const window = WINDOWS.find(({ name }) => name === params.get('window'));
  return ofWindow(window?.ms ?? usualMs);
}

export function ofWindow(windowMs: number): ChartRange {
  return { kind: LIVE_WINDOWS.some(({ ms }) => ms >= windowMs) ? 'live' : 'past', windowMs };
}

/** The address's parameters with this range in place of the one that they name. */
export function writeRange(params: URLSearchParams, range: ChartRange): URLSearchParams {
  const written = new URLSearchParams(params);
  for (const name of ['from', 'to', 'window']) written.delete(name);
  if (range.kind === 'span') {
    written.set('from', new Date(Math.round(range.from)).toISOString());
    written.set('to', new Date(Math.round(range.to)).toISOString());
  } else {
    written.set('window', WINDOWS.find(({ ms }) => ms === range.windowMs)?.name ?? '');
  }
  return written;
}

/** A span from one instant to another, whichever is the earlier, no shorter than charts have a use for and none of it to come. */
export function spanBetween(a: number, b: number, now: number): ChartRange {
  const to = Math.min(now, Math.max(a, b, Math.min(a, b) + LEAST_SPAN_MS));
  return { kind: 'span', from: Math.min(a, b, to - LEAST_SPAN_MS), to };
}

/** Moves a span by a part of its length, not past now. */
export function moved({ from, to }: { from: number; to: number }, parts: number, now: number): ChartRange {
  const by = Math.min((to - from) * parts, now - to);
  return { kind: 'span', from: from + by, to: to + by };
}

/** Twice as long about its middle, not past now. */
export function zoomedOut({ from, to }: { from: number; to: number }, now: number): ChartRange {
  const length = Math.min(2 * (to - from), LONGEST_SPAN_MS);
  const end = Math.min(now, (from + to) / 2 + length / 2);
  return { kind: 'span', from: end - length, to: end };
}
