'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { useState } from 'react';
import { nextFreezeSpans, type FreezeSpan } from '../../live/freeze-spans.ts';

/** Freezes since the page was opened, and the one that it found. */
export function useFreezeSpans(view: ContainerView): readonly FreezeSpan[] {
  const [spans, setSpans] = useState<readonly FreezeSpan[]>([]);
  const next = nextFreezeSpans(spans, view, Date.now());
  if (next !== spans) setSpans(next);
  return next;
}
