'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { Plus, Search } from 'lucide-react';
import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import type { TableView } from '../../lib/table-view.ts';
import { buttonClass } from '../button.tsx';

const STATES: readonly { state: TableView['state']; label: string }[] = [
  { state: 'all', label: 'All' },
  { state: 'running', label: 'Running' },
  { state: 'frozen', label: 'Frozen' },
  { state: 'ended', label: 'Ended' },
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
      <Filter key={cleared} query={view.query} change={(query) => change({ query })} />
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

function Filter({ query, change }: { query: string; change: (query: string) => void }) {
  // The field has a state of its own: a URL that is rewritten at each key would lag behind the fingers.
  const [text, setText] = useState(query);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      const typing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]') !== null;
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current?.focus();
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <label className="relative order-last w-full md:order-none md:w-64">
      <span className="sr-only">Filter containers</span>
      <Search aria-hidden size={16} className="pointer-events-none absolute top-2 left-2.5 text-ink-3" />
      <input
        ref={input}
        type="search"
        value={text}
        placeholder="Name, group, image or state"
        aria-keyshortcuts="/"
        className="h-8 w-full rounded-md border border-line-strong bg-surface pr-2 pl-8 text-13 placeholder:text-ink-3"
        onChange={(event) => {
          setText(event.target.value);
          change(event.target.value);
        }}
      />
    </label>
  );
}

function StateFilter({ view, change, views }: Omit<ToolbarProps, 'cleared'>) {
  const counts: Record<TableView['state'], number> = { all: views.length, running: 0, frozen: 0, ended: 0 };
  for (const { state } of views) {
    if (state.status === 'running' || state.status === 'frozen') counts[state.status] += 1;
    if (state.status === 'exited' || state.status === 'failed') counts.ended += 1;
  }
  return (
    <div role="group" aria-label="State" className="flex h-8 overflow-hidden rounded-md border border-line-strong bg-surface">
      {STATES.map(({ state, label }) => (
        <button
          key={state}
          type="button"
          aria-pressed={view.state === state}
          onClick={() => change({ state })}
          className="border-r border-line px-2.5 text-13 text-ink-2 -outline-offset-2 last:border-r-0 hover:bg-hover aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent"
        >
          {label} <span className="tabular text-12 opacity-80">{counts[state]}</span>
        </button>
      ))}
    </div>
  );
}
