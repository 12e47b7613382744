'use client';

import type { ContainerView, GroupView, KernelAnswer, LimitsChange } from '@plimsoll/protocol';
import { useMemo } from 'react';
import { isInGroup } from '../../lib/group-state.ts';
import { readTableView, writeTableView } from '../../lib/table-view.ts';
import { ContainersList } from '../containers/containers-list.tsx';
import { IncidentEvents } from '../incidents/incident-list.tsx';
import { LimitsForm } from '../limits/limits-form.tsx';
import { useIncidents, useLive } from '../live-provider.tsx';
import { PageTabs } from '../page-tabs.tsx';
import { useUrlView } from '../use-url-view.ts';
import { GroupName } from './group-name.tsx';

export function GroupTabs({ group, containers }: { group: GroupView; containers: readonly ContainerView[] }) {
  const incidents = useIncidents({ group: group.path });
  const views = useMemo(() => containers.filter((view) => isInGroup(view.group, group.path)), [containers, group.path]);
  return (
    <PageTabs
      tabs={[
        { value: 'containers', label: 'Containers', count: views.length, panel: <GroupContainers views={views} /> },
        {
          value: 'limits',
          label: 'Name and limits',
          panel: (
            <>
              <GroupName group={group} />
              <GroupLimits group={group} />
            </>
          ),
        },
        { value: 'events', label: 'Events', count: incidents.length, panel: <IncidentEvents named incidents={incidents} /> },
      ]}
    />
  );
}

function GroupContainers({ views }: { views: readonly ContainerView[] }) {
  const [view, change] = useUrlView(readTableView, writeTableView);
  if (views.length === 0) {
    return <p className="p-4 text-13 text-ink-2">No container is in it. Name this group when you make one.</p>;
  }
  return <ContainersList inset views={views} view={view} change={change} clear={() => change({ query: '', state: 'all' })} />;
}

function GroupLimits({ group: { path, limits, cgroup } }: { group: GroupView }) {
  const live = useLive();
  async function change(wanted: LimitsChange): Promise<readonly KernelAnswer[]> {
    if (live === null) return [];
    const { group, kernel } = await live.connection.command('group.set', { group: path, limits: wanted });
    live.groups.put(group);
    return kernel;
  }
  return <LimitsForm of="group" limits={limits} cgroup={cgroup} change={change} />;
}
