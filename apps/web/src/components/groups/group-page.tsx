'use client';

import { mergeSpans, type ContainerView, type GroupView } from '@plimsoll/protocol';
import Link from 'next/link';
import { useEffect, useMemo } from 'react';
import { countMembers, isInGroup, NO_MEMBERS } from '../../lib/group-state.ts';
import { ancestors } from '../../lib/tree.ts';
import { LazyCharts } from '../charts/lazy-charts.tsx';
import { useChanges, useContainers, useGroups, useIncidents, useLive } from '../live-provider.tsx';
import { GroupHeader } from './group-header.tsx';
import { GroupTabs } from './group-tabs.tsx';
import { GroupsTree } from './groups-tree.tsx';

interface PageProps {
  path: string;
  groups: readonly GroupView[];
  containers: readonly ContainerView[];
}

export function GroupPage({ path, groups: initial, containers }: PageProps) {
  const table = useLive()?.table;
  useEffect(() => table?.watch(), [table]);
  const groups = useGroups(initial);
  const views = useContainers(containers);
  const members = useMemo(() => countMembers(views), [views]);
  const inside = useMemo(() => groups.filter((one) => one.path !== path && isInGroup(one.path, path)), [groups, path]);
  const there = groups.find((one) => one.path === path);
  // What it was when it was removed.
  const group = there ?? initial.find((one) => one.path === path);
  if (group === undefined) return null;
  const own = members.get(path) ?? NO_MEMBERS;
  const isFrozen = group.frozenAt !== null || group.frozenBy !== null;
  return (
    <div className={`min-h-full flex-1 ${isFrozen ? 'bg-ice-tint' : ''}`}>
      <title>{`${group.displayName ?? path} · Plimsoll`}</title>
      <GroupHeader group={group} members={own} removed={there === undefined} />
      <div className="flex flex-col gap-4 px-4 pb-8">
        {there === undefined && (
          <p role="status" className="card px-4 py-3">
            This group has been removed.{' '}
            <Link href="/groups" className="text-accent underline">
              All groups
            </Link>
          </p>
        )}
        <GroupCharts key={`charts ${path}`} group={group} alive={own.alive > 0} />
        {inside.length > 0 && (
          <section aria-label="Groups inside" className="card overflow-hidden">
            <h2 className="px-4 py-2.5 text-13 font-semibold">Groups inside</h2>
            <GroupsTree groups={inside} members={members} inset />
          </section>
        )}
        {there !== undefined && <GroupTabs key={`tabs ${path}`} group={group} containers={views} />}
      </div>
    </div>
  );
}

function GroupCharts({ group: { path, limits }, alive }: { group: GroupView; alive: boolean }) {
  const groups = useLive()?.groups;
  const version = useChanges(groups?.notifier);
  const spans = useMemo(
    () => (groups === undefined ? [] : mergeSpans([...ancestors(path), path].map((one) => groups.freezes(one)))),
    // The version stands for the list, which changes in place.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [groups, path, version],
  );
  return (
    <LazyCharts
      of={{
        target: { kind: 'group', group: path },
        apart: true,
        limits,
        spans,
        incidents: useIncidents({ group: path }),
        alive,
        startedAt: null,
        endedAt: null,
        absent: 'Nothing ran in it in this time. Longer ones show what is kept of the time before.',
      }}
    />
  );
}
