'use client';

import { usePathname, useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';
import { readEventView, writeEventView, type EventView } from '../../lib/event-view.ts';

/** Which events are shown, as the URL has it; a change replaces the URL without asking the server. */
export function useEventView(): [EventView, (change: Partial<EventView>) => void] {
  const params = useSearchParams();
  const path = usePathname();
  const view = useMemo(() => readEventView(new URLSearchParams(params)), [params]);
  const change = useCallback(
    (part: Partial<EventView>) => {
      const query = writeEventView({ ...view, ...part }).toString();
      window.history.replaceState(null, '', query === '' ? path : `${path}?${query}`);
    },
    [view, path],
  );
  return [view, change];
}
