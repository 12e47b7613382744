import { z } from 'zod';

/** Milliseconds since 1970; null: it lasts. */
export const TimeSpan = z.object({ from: z.number(), to: z.number().nullable() });
export type TimeSpan = z.infer<typeof TimeSpan>;

/** Spans of several that hold for the same thing, as one: what overlaps is joined. */
export function mergeSpans(lists: readonly (readonly TimeSpan[])[]): TimeSpan[] {
  const merged: TimeSpan[] = [];
  for (const span of lists.flat().toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || endOf(last) < span.from) merged.push({ ...span });
    else if (endOf(span) > endOf(last)) last.to = span.to;
  }
  return merged;
}

function endOf({ to }: TimeSpan): number {
  return to ?? Infinity;
}
