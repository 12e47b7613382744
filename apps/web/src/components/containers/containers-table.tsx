'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { plural } from '../../lib/format.ts';
import type { TableRow, TableView } from '../../lib/table-view.ts';
import { GroupLink } from '../group-link.tsx';
import { ContainerRow } from './container-row.tsx';
import { TableHead } from './table-head.tsx';
import type { Selection } from './use-selection.ts';

/** The size that the server renders for: a first paint with rows in it. */
const FIRST_PAINT = { width: 1280, height: 900 };

interface TableProps {
  rows: readonly TableRow[];
  rowHeight: number;
  view: TableView;
  change: (change: Partial<TableView>) => void;
  selection: Selection;
}

export function ContainersTable({ rows, rowHeight, view, change, selection }: TableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => keyOf(rows[index]),
    overscan: 8,
    initialRect: FIRST_PAINT,
  });
  const ids = rows.flatMap((row) => (row.kind === 'container' ? [row.view.id] : []));

  return (
    <div
      role="table"
      aria-label="Containers"
      aria-rowcount={rows.length + 1}
      className="@container flex min-h-0 flex-1 flex-col border-t border-line bg-surface"
    >
      <TableHead view={view} change={change} ids={ids} selection={selection} />
      <div ref={scroller} role="rowgroup" className="min-h-0 flex-1 overflow-auto [scrollbar-gutter:stable]">
        <div role="presentation" className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, key, start, size }) => {
            const row = rows[index];
            return (
              <div
                key={key}
                role="presentation"
                className="absolute inset-x-0 top-0"
                style={{ height: size, transform: `translateY(${start}px)` }}
              >
                {row?.kind === 'container' && (
                  <ContainerRow
                    view={row.view}
                    rowIndex={index + 2}
                    selected={selection.ids.has(row.view.id)}
                    toggle={selection.toggle}
                    showGroup={!view.byGroup}
                  />
                )}
                {row?.kind === 'group' && (
                  <div
                    role="row"
                    aria-rowindex={index + 2}
                    className="flex h-full items-end border-b border-line bg-ground px-4 pb-1.5"
                  >
                    <span role="cell" className="text-13 font-semibold">
                      <GroupLink path={row.path} />{' '}
                      <span className="ml-1 font-normal text-ink-3">{plural(row.count, 'container')}</span>
                    </span>
                  </div>
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function keyOf(row: TableRow | undefined): string {
  if (row === undefined) return '';
  return row.kind === 'group' ? `group ${row.path}` : row.view.id;
}
