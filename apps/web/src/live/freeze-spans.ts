/** Milliseconds since the epoch; `to` is null while it lasts. */
export interface FreezeSpan {
  from: number;
  to: number | null;
}

/** The freezes of one container or group in order, as its states tell of them from the moment it is looked at. */
export function nextFreezeSpans(spans: readonly FreezeSpan[], frozenAt: string | null, now: number): readonly FreezeSpan[] {
  const last = spans.at(-1);
  if (frozenAt !== null) {
    const from = Date.parse(frozenAt);
    return last?.from === from && last.to === null ? spans : [...closed(spans, Math.min(now, from)), { from, to: null }];
  }
  return last?.to === null ? closed(spans, now) : spans;
}

/** Spans of several that hold the same thing frozen, as one: what overlaps is joined. */
export function mergeSpans(lists: readonly (readonly FreezeSpan[])[]): FreezeSpan[] {
  const merged: FreezeSpan[] = [];
  for (const span of lists.flat().toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || endOf(last) < span.from) merged.push({ ...span });
    else if (endOf(span) > endOf(last)) last.to = span.to;
  }
  return merged;
}

function endOf({ to }: FreezeSpan): number {
  return to ?? Infinity;
}

function closed(spans: readonly FreezeSpan[], now: number): FreezeSpan[] {
  return spans.map((span) => (span.to === null ? { ...span, to: now } : span));
}
