'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { IncidentEvents } from '../incidents/incident-list.tsx';
import { Isolation } from '../isolation/isolation.tsx';
import { useIncidents } from '../live-provider.tsx';
import { PageTabs } from '../page-tabs.tsx';
import { Birth } from './birth.tsx';
import { ContainerLimits } from './container-limits.tsx';
import { Details } from './details.tsx';
import { Logs } from './logs.tsx';

export function ContainerTabs({ view }: { view: ContainerView }) {
  const incidents = useIncidents({ container: view.id });
  // Each start writes its log and its story anew.
  const start = `${view.id} ${view.incarnation}`;
  return (
    <PageTabs
      tabs={[
        { value: 'logs', label: 'Logs', panel: <Logs key={start} id={view.id} /> },
        { value: 'limits', label: 'Limits', panel: <ContainerLimits key={view.id} view={view} /> },
        { value: 'events', label: 'Events', count: incidents.length, panel: <IncidentEvents incidents={incidents} /> },
        { value: 'isolation', label: 'Isolation', panel: <Isolation key={start} view={view} /> },
        { value: 'birth', label: 'How it was made', panel: <Birth key={start} id={view.id} /> },
        { value: 'details', label: 'Details', panel: <Details view={view} /> },
      ]}
    />
  );
}
