'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { useEffect, useState } from 'react';
import { readTableView, writeTableView } from '../../lib/table-view.ts';
import { useContainers, useLive } from '../live-provider.tsx';
import { useUrlView } from '../use-url-view.ts';
import { ContainersList } from './containers-list.tsx';
import { NoContainers } from './no-containers.tsx';
import { Toolbar } from './toolbar.tsx';

export function ContainersPage({ initial }: { initial: readonly ContainerView[] }) {
  const table = useLive()?.table;
  useEffect(() => table?.watch(), [table]);

  const views = useContainers(initial);
  const [view, changeView] = useUrlView(readTableView, writeTableView);
  const [cleared, setCleared] = useState(0);
  const clear = () => {
    changeView({ query: '', state: 'all' });
    setCleared(cleared + 1);
  };
  return (
    <>
      <Toolbar view={view} change={changeView} views={views} cleared={cleared} />
      {views.length === 0 && <NoContainers />}
      <ContainersList views={views} view={view} change={changeView} clear={clear} />
    </>
  );
}
