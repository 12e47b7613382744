'use client';

import type { CgroupOwner, HostCgroup } from '@plimsoll/protocol';
import { useMemo } from 'react';
import { plural } from '../../lib/format.ts';
import { OWNERS, type KernelView } from '../../lib/kernel-view.ts';
import { FilterField } from '../filter-field.tsx';
import { KernelPlaces } from './kernel-places.tsx';

interface ToolbarProps {
  cgroups: readonly HostCgroup[];
  view: KernelView;
  change: (change: Partial<KernelView>) => void;
}

export function KernelToolbar({ cgroups, view, change }: ToolbarProps) {
  const owners = useMemo(() => Map.groupBy(cgroups, ({ owner }) => owner), [cgroups]);
  return (
    <div className="flex flex-none flex-wrap items-center gap-2 px-4 py-3">
      <h1 className="mr-2 text-20 font-semibold tracking-tight">Kernel</h1>
      <KernelPlaces here="/kernel" />
      <FilterField label="Filter cgroups" placeholder="Part of a path" query={view.query} change={(query) => change({ query })} />
      <label className="text-13 text-ink-2">
        <span className="sr-only">Made by</span>
        <select
          value={view.owner ?? ''}
          onChange={({ target }) => change({ owner: target.value === '' ? null : (target.value as CgroupOwner) })}
          className="h-8 rounded-md border border-line-strong bg-surface px-2 text-13 text-ink"
        >
          <option value="">made by anyone</option>
          {(Object.keys(OWNERS) as CgroupOwner[])
            .filter((owner) => owner !== 'root' && (owners.has(owner) || owner === view.owner))
            .map((owner) => (
              <option key={owner} value={owner}>
                {OWNERS[owner]} ({owners.get(owner)?.length ?? 0})
              </option>
            ))}
        </select>
      </label>
      <span className="tabular text-13 text-ink-3">{plural(cgroups.length, 'cgroup')} on this host</span>
    </div>
  );
}
