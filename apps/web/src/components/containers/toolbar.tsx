'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { Plus } from 'lucide-react';
import Link from 'next/link';
import type { TableView } from '../../lib/table-view.ts';
import { buttonClass } from '../button.tsx';
import { FilterField } from '../filter-field.tsx';
import { Segments } from '../segments.tsx';

const STATES: readonly { value: TableView['state']; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'running', label: 'Running' },
  { value: 'frozen', label: 'Frozen' },
  { value: 'ended', label: 'Ended' },
];

interface ToolbarProps {
  view: TableView;
  change: (change: Partial<TableView>) => void;
  views: readonly ContainerView[];
  /** Changes when the filter was cleared from elsewhere. */
  cleared: number;
}

export function Toolbar({ view, change, views, cleared }: ToolbarProps) {
  return (
    <div className="flex flex-none flex-wrap items-center gap-2 px-4 py-3">
      <h1 className="mr-2 text-20 font-semibold tracking-tight">Containers</h1>
      <FilterField
        key={cleared}
        label="Filter containers"
        placeholder="Name, group, image or state"
        query={view.query}
        change={(query) => change({ query })}
      />
      <StateFilter view={view} change={change} views={views} />
      <label className="flex h-8 items-center gap-2 px-1 text-13 text-ink-2">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={view.byGroup}
          onChange={(event) => change({ byGroup: event.target.checked })}
        />
        By group
      </label>
      <span className="flex-1" />
      <Link href="/containers/new" className={buttonClass('primary')}>
        <Plus aria-hidden size={16} />
        New container
      </Link>
    </div>
  );
}

function StateFilter({ view, change, views }: Omit<ToolbarProps, 'cleared'>) {
  const counts: Record<TableView['state'], number> = { all: views.length, running: 0, frozen: 0, ended: 0 };
  for (const { state } of views) {
    if (state.status === 'running' || state.status === 'frozen') counts[state.status] += 1;
    if (state.status === 'exited' || state.status === 'failed') counts.ended += 1;
  }
  const options = STATES.map((option) => ({ ...option, count: counts[option.value] }));
  return <Segments label="State" options={options} value={view.state} change={(state) => change({ state })} />;
}
