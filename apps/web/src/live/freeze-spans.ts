import type { ContainerView } from '@plimsoll/protocol';

/** Milliseconds since the epoch; `to` is null while it lasts. */
export interface FreezeSpan {
  from: number;
  to: number | null;
}

/** The freezes of one container in order, as its states tell of them from the moment it is looked at. */
export function nextFreezeSpans(spans: readonly FreezeSpan[], view: ContainerView, now: number): readonly FreezeSpan[] {
  const last = spans.at(-1);
  if (view.state.status === 'frozen') {
    const from = Date.parse(view.state.frozenAt);
    return last?.from === from && last.to === null ? spans : [...closed(spans, Math.min(now, from)), { from, to: null }];
  }
  return last?.to === null ? closed(spans, now) : spans;
}

function closed(spans: readonly FreezeSpan[], now: number): FreezeSpan[] {
  return spans.map((span) => (span.to === null ? { ...span, to: now } : span));
}
