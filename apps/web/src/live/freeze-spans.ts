import type { TimeSpan } from '@plimsoll/protocol';

export type FreezeSpan = Readonly<TimeSpan>;

/** The freezes of one container or group in order, as its states tell of them from the moment it is looked at. */
export function nextFreezeSpans(spans: readonly FreezeSpan[], frozenAt: string | null, now: number): readonly FreezeSpan[] {
  const last = spans.at(-1);
  if (frozenAt !== null) {
    const from = Date.parse(frozenAt);
    return last?.from === from && last.to === null ? spans : [...closed(spans, Math.min(now, from)), { from, to: null }];
  }
  return last?.to === null ? closed(spans, now) : spans;
}

function closed(spans: readonly FreezeSpan[], now: number): FreezeSpan[] {
  return spans.map((span) => (span.to === null ? { ...span, to: now } : span));
}
