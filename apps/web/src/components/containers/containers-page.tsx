'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { useEffect, useState } from 'react';
import { useConnectionState, useContainers, useLive } from '../live-provider.tsx';
import { useMediaQuery } from '../use-media-query.ts';
import { BulkBar } from './bulk-bar.tsx';
import { ContainersTable } from './containers-table.tsx';
import { NoContainers, NothingFound } from './no-containers.tsx';
import { Toolbar } from './toolbar.tsx';
import { useSelection } from './use-selection.ts';
import { useTableRows } from './use-table-rows.ts';
import { useTableView } from './use-table-view.ts';

export function ContainersPage({ initial }: { initial: readonly ContainerView[] }) {
  const table = useLive()?.table;
  useEffect(() => table?.watch(), [table]);

  const views = useContainers(initial);
  const [view, changeView] = useTableView();
  const [held, setHeld] = useState(false);
  const rows = useTableRows(views, view, held);
  const selection = useSelection();
  const selected = views.filter(({ id }) => selection.ids.has(id));
  const [cleared, setCleared] = useState(0);
  const clear = () => {
    changeView({ query: '', state: 'all' });
    setCleared(cleared + 1);
  };
  const offline = useConnectionState().kind === 'offline';
  const wide = useMediaQuery('(min-width: 768px)', true);

  return (
    <>
      <Toolbar view={view} change={changeView} views={views} cleared={cleared} />
      {selected.length > 0 && <BulkBar selected={selected} clear={() => selection.set([])} />}
      {views.length === 0 && <NoContainers />}
      {views.length > 0 && rows.length === 0 && <NothingFound clear={clear} />}
      {rows.length > 0 && (
        <div
          className={`flex min-h-0 flex-1 flex-col ${offline ? 'opacity-60' : ''}`}
          onPointerEnter={(event) => setHeld(event.pointerType === 'mouse')}
          onPointerLeave={() => setHeld(false)}
        >
          <ContainersTable
            key={wide ? 'rows' : 'cards'}
            rows={rows}
            rowHeight={wide ? 36 : 80}
            view={view}
            change={changeView}
            selection={selection}
          />
        </div>
      )}
    </>
  );
}
