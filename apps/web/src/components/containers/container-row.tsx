'use client';

import type { ContainerView } from '@plimsoll/protocol';
import Link from 'next/link';
import { memo } from 'react';
import { Checkbox } from '../checkbox.tsx';
import { IncidentBadge } from '../incidents/incident-badge.tsx';
import { StateGlyph } from '../state-glyph.tsx';
import { FROM_2XL, FROM_XL, ROW_GRID } from './columns.ts';
import { LiveCells } from './live-cells.tsx';
import { RowActions } from './row-actions.tsx';
import { UptimeCell } from './uptime-cell.tsx';

interface RowProps {
  view: ContainerView;
  rowIndex: number;
  selected: boolean;
  toggle: (id: string, selected: boolean) => void;
  showGroup: boolean;
}

/** One container: a row of the grid, or a card on a phone. */
export const ContainerRow = memo(function ContainerRow({ view, rowIndex, selected, toggle, showGroup }: RowProps) {
  const frozen = view.state.status === 'frozen';
  const tint = frozen ? 'bg-ice-tint hatched' : 'hover:bg-hover';
  return (
    <div
      role="row"
      aria-rowindex={rowIndex}
      aria-selected={selected}
      className={`group relative h-full border-b border-line aria-selected:bg-accent-soft ${tint} max-md:grid max-md:grid-cols-[1rem_6rem_1fr_6rem] max-md:content-center max-md:items-center max-md:gap-x-3 max-md:gap-y-1.5 max-md:px-4 ${ROW_GRID}`}
    >
      <span role="cell" className="relative z-10 flex max-md:col-start-1 max-md:row-start-1">
        <Checkbox label={`Select ${view.name}`} checked={selected} onChange={(checked) => toggle(view.id, checked)} />
      </span>
      <span role="cell" className="flex min-w-0 max-md:col-span-2 max-md:col-start-1 max-md:row-start-2">
        <StateGlyph state={view.state} />
      </span>
      <span role="cell" className="flex min-w-0 items-center gap-1.5 max-md:col-span-2 max-md:col-start-2 max-md:row-start-1">
        <Link
          href={`/containers/${view.id}`}
          prefetch={false}
          className="truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {view.name}
        </Link>
        <IncidentBadge container={view.id} />
      </span>
      <span role="cell" className={`truncate text-13 text-ink-2 ${FROM_XL}`}>
        {showGroup ? view.group : ''}
      </span>
      <span role="cell" className={`truncate text-13 text-ink-2 ${FROM_2XL}`}>
        {view.image}
      </span>
      <LiveCells view={view} />
      <UptimeCell state={view.state} />
      <span role="cell" className="relative z-10 flex justify-end max-md:col-start-4 max-md:row-start-1">
        <RowActions view={view} />
      </span>
    </div>
  );
});
