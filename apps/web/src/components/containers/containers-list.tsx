'use client';

import type { ContainerView } from '@plimsoll/protocol';
import { useState } from 'react';
import type { TableView } from '../../lib/table-view.ts';
import { useConnectionState } from '../live-provider.tsx';
import { useMediaQuery } from '../use-media-query.ts';
import { BulkBar } from './bulk-bar.tsx';
import { ContainersTable } from './containers-table.tsx';
import { NothingFound } from './no-containers.tsx';
import { useSelection } from './use-selection.ts';
import { useTableRows } from './use-table-rows.ts';

const HEAD_PX = 38;
const MOST_PX = 520;

interface ListProps {
  views: readonly ContainerView[];
  view: TableView;
  change: (change: Partial<TableView>) => void;
  clear: () => void;
  /** As high as its rows, up to a point; else as high as the page. */
  inset?: boolean;
}

/** The table with its selection and what can be done with that. */
export function ContainersList({ views, view, change, clear, inset = false }: ListProps) {
  const [held, setHeld] = useState(false);
  const rows = useTableRows(views, view, held);
  const selection = useSelection();
  const selected = views.filter(({ id }) => selection.ids.has(id));
  const offline = useConnectionState().kind === 'offline';
  const wide = useMediaQuery('(min-width: 768px)', true);
  const rowHeight = wide ? 36 : 80;
  const height = Math.min(MOST_PX, rows.length * rowHeight + (wide ? HEAD_PX : 1));
  return (
    <>
      {selected.length > 0 && <BulkBar selected={selected} clear={() => selection.set([])} />}
      {views.length > 0 && rows.length === 0 && <NothingFound clear={clear} />}
      {rows.length > 0 && (
        <div
          className={`flex min-h-0 flex-col ${inset ? '' : 'flex-1'} ${offline ? 'opacity-60' : ''}`}
          style={inset ? { height } : {}}
          onPointerEnter={(event) => setHeld(event.pointerType === 'mouse')}
          onPointerLeave={() => setHeld(false)}
        >
          <ContainersTable
            key={wide ? 'rows' : 'cards'}
            rows={rows}
            rowHeight={rowHeight}
            view={view}
            change={change}
            selection={selection}
          />
        </div>
      )}
    </>
  );
}
