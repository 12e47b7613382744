'use client';

import { Tabs } from '@base-ui/react/tabs';
import { useSearchParams } from 'next/navigation';
import type { ReactNode } from 'react';

export interface PageTab {
  value: string;
  label: string;
  /** Shown beside the label. */
  count?: number;
  panel: ReactNode;
}

/** The parts of a page below its charts; which one is open stands in the URL. */
export function PageTabs({ tabs }: { tabs: readonly PageTab[] }) {
  const params = useSearchParams();
  const open = tabs.find(({ value }) => value === params.get('tab'))?.value ?? tabs[0]?.value;
  const choose = (value: unknown) => {
    const { pathname, search } = window.location;
    const next = new URLSearchParams(search);
    next.set('tab', String(value));
    window.history.replaceState(null, '', `${pathname}?${next}`);
  };
  return (
    <Tabs.Root value={open} onValueChange={choose} className="card overflow-hidden">
      <Tabs.List className="flex gap-1 overflow-x-auto border-b border-line px-2">
        {tabs.map(({ value, label, count }) => (
          <Tabs.Tab
            key={value}
            value={value}
            className="-mb-px border-b-2 border-transparent px-3 py-2.5 text-13 font-medium whitespace-nowrap text-ink-2 -outline-offset-2 hover:text-ink data-active:border-accent data-active:text-accent"
          >
            {label}
            {count !== undefined && count > 0 && <span className="tabular ml-1.5 text-12 font-normal opacity-80">{count}</span>}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ value, panel }) => (
        <Tabs.Panel key={value} value={value}>
          {panel}
        </Tabs.Panel>
      ))}
    </Tabs.Root>
  );
}
