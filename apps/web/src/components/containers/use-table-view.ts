'use client';

import { usePathname, useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';
import { readTableView, writeTableView, type TableView } from '../../lib/table-view.ts';

/** The table's view as the URL has it; a change replaces the URL without asking the server. */
export function useTableView(): [TableView, (change: Partial<TableView>) => void] {
  const params = useSearchParams();
  const path = usePathname();
  const view = useMemo(() => readTableView(new URLSearchParams(params)), [params]);
  const change = useCallback(
    (part: Partial<TableView>) => {
      const query = writeTableView({ ...view, ...part }, new URLSearchParams(window.location.search)).toString();
      window.history.replaceState(null, '', query === '' ? path : `${path}?${query}`);
    },
    [view, path],
  );
  return [view, change];
}
