'use client';

import { Tabs } from '@base-ui/react/tabs';
import type { ContainerView } from '@plimsoll/protocol';
import { usePathname, useSearchParams } from 'next/navigation';
import { Birth } from './birth.tsx';
import { Details } from './details.tsx';
import { Logs } from './logs.tsx';

const TABS = [
  { value: 'logs', label: 'Logs' },
  { value: 'birth', label: 'How it was made' },
  { value: 'details', label: 'Details' },
] as const;

export function ContainerTabs({ view }: { view: ContainerView }) {
  const path = usePathname();
  const params = useSearchParams();
  const tab = TABS.find(({ value }) => value === params.get('tab'))?.value ?? 'logs';
  // Each start writes its log and its story anew.
  const start = `${view.id} ${view.incarnation}`;
  const choose = (value: unknown) => {
    const next = new URLSearchParams(params);
    next.set('tab', String(value));
    window.history.replaceState(null, '', `${path}?${next}`);
  };
  return (
    <Tabs.Root value={tab} onValueChange={choose} className="card overflow-hidden">
      <Tabs.List className="flex gap-1 border-b border-line px-2">
        {TABS.map(({ value, label }) => (
          <Tabs.Tab
            key={value}
            value={value}
            className="-mb-px border-b-2 border-transparent px-3 py-2.5 text-13 font-medium text-ink-2 -outline-offset-2 hover:text-ink data-active:border-accent data-active:text-accent"
          >
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="logs">
        <Logs key={start} id={view.id} />
      </Tabs.Panel>
      <Tabs.Panel value="birth">
        <Birth key={start} id={view.id} />
      </Tabs.Panel>
      <Tabs.Panel value="details">
        <Details view={view} />
      </Tabs.Panel>
    </Tabs.Root>
  );
}
