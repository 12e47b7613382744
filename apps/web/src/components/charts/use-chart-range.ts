'use client';

import { useSearchParams } from 'next/navigation';
import { useMemo } from 'react';
import { ofWindow, readRange, writeRange, type ChartRange } from '../../lib/chart-range.ts';

/** What the page's address says of the time to show. Each change is a step that the browser's Back takes back. */
export function useChartRange(usualMs: number, hasPast: boolean) {
  const params = useSearchParams();
  const text = params.toString();
  const range = useMemo(() => {
    const read = readRange(new URLSearchParams(text), usualMs);
    return hasPast || read.kind === 'live' ? read : ofWindow(usualMs);
  }, [text, usualMs, hasPast]);
  const change = (chosen: ChartRange) => {
    const written = writeRange(new URLSearchParams(window.location.search), chosen);
    window.history.pushState(null, '', `${window.location.pathname}?${written}`);
  };
  return { range, change, reset: () => change(ofWindow(usualMs)) };
}
