'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { useMemo, useRef } from 'react';
import { tableRows, type TableRow, type TableView } from '../../lib/table-view.ts';
import { NO_FIGURES } from '../../live/figures.ts';
import { useChanges, useLive } from '../live-provider.tsx';

const LIVE_SORTS: readonly string[] = ['cpu', 'memory', 'io', 'pids'];

/** Rows in order. Sorted by live figures the order follows each sample, but not while `held`: no row moves from under the pointer. */
export function useTableRows(views: readonly ContainerView[], view: TableView, held: boolean): TableRow[] {
  const table = useLive()?.table;
  const newest = useChanges(LIVE_SORTS.includes(view.sort) ? table?.notifier : undefined);
  const shown = useRef(newest);
  if (!held) shown.current = newest;
  const version = shown.current;
  // The version stands for the figures, which change in place.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => tableRows(views, view, table?.figures ?? (() => NO_FIGURES)), [views, view, table, version]);
}
