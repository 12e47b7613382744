'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';

/**
 * What is shown, as the URL has it; a change replaces the URL without asking the server. `read` and `write` must stay the same.
 * A change starts from the URL and not from what is rendered: the change before it may not be rendered yet.
 */
export function useUrlView<View>(
  read: (params: URLSearchParams) => View,
  write: (view: View, params: URLSearchParams) => URLSearchParams,
): [View, (change: Partial<View>) => void] {
  const params = useSearchParams();
  const view = useMemo(() => read(new URLSearchParams(params)), [params, read]);
  const change = useCallback(
    (part: Partial<View>) => {
      const { pathname, search } = window.location;
      const now = new URLSearchParams(search);
      const query = write({ ...read(now), ...part }, now).toString();
      window.history.replaceState(null, '', query === '' ? pathname : `${pathname}?${query}`);
    },
    [read, write],
  );
  return [view, change];
}
