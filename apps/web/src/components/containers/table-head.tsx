'use client';

import { ArrowDown, ArrowUp } from 'lucide-react';
import { startsDescending, type TableView } from '../../lib/table-view.ts';
import { Checkbox } from '../checkbox.tsx';
import { COLUMNS, ROW_GRID, type Column } from './columns.ts';
import type { Selection } from './use-selection.ts';

interface HeadProps {
  view: TableView;
  change: (change: Partial<TableView>) => void;
  /** All rows, whether drawn or not. */
  ids: readonly string[];
  selection: Selection;
}

export function TableHead({ view, change, ids, selection }: HeadProps) {
  const chosen = ids.filter((id) => selection.ids.has(id)).length;
  return (
    <div role="rowgroup" className="flex-none overflow-hidden border-b border-line [scrollbar-gutter:stable] max-md:hidden">
      <div role="row" aria-rowindex={1} className={`h-9 text-12 text-ink-2 ${ROW_GRID}`}>
        <span role="columnheader" className="flex">
          <Checkbox
            label="Select all containers"
            checked={chosen > 0 && chosen === ids.length}
            indeterminate={chosen > 0 && chosen < ids.length}
            onChange={(checked) => selection.set(checked ? ids : [])}
          />
        </span>
        {COLUMNS.map((column) => (
          <Head key={column.key} column={column} view={view} change={change} />
        ))}
      </div>
    </div>
  );
}

function Head({ column: { key, label, className }, view, change }: { column: Column } & Pick<HeadProps, 'view' | 'change'>) {
  if (key === 'actions') {
    return (
      <span role="columnheader" className="sr-only">
        {label}
      </span>
    );
  }
  const sorted = view.sort === key;
  const Arrow = view.descending ? ArrowDown : ArrowUp;
  return (
    <span role="columnheader" aria-sort={ariaSort(sorted, view.descending)} className={`flex min-w-0 ${className}`}>
      <button
        type="button"
        className={`flex min-w-0 items-center gap-1 rounded-sm py-1 hover:text-ink ${sorted ? 'font-medium text-ink' : ''}`}
        onClick={() => change({ sort: key, descending: sorted ? !view.descending : startsDescending(key) })}
      >
        {label}
        {sorted && <Arrow aria-hidden size={13} />}
      </button>
    </span>
  );
}

function ariaSort(sorted: boolean, descending: boolean): 'none' | 'ascending' | 'descending' {
  if (!sorted) return 'none';
  return descending ? 'descending' : 'ascending';
}
