'use client';

import type { GroupView } from '@plimsoll/protocol';
import { useRouter } from 'next/navigation';
import { useMemo } from 'react';
import { NO_MEMBERS, type Members } from '../../lib/group-state.ts';
import { treeRows, urlPath } from '../../lib/tree.ts';
import { useConnectionState } from '../live-provider.tsx';
import { TreeHead } from '../tree/tree-head.tsx';
import { TreeTable } from '../tree/tree-table.tsx';
import { useToggled } from '../tree/use-toggled.ts';
import { useMediaQuery } from '../use-media-query.ts';
import { GROUP_COLUMNS, GROUP_GRID } from './columns.ts';
import { GroupRow } from './group-row.tsx';

const HEAD_PX = 38;
const MOST_PX = 400;

interface TreeProps {
  groups: readonly GroupView[];
  members: ReadonlyMap<string, Members>;
  /** As high as its rows, up to a point; else as high as the page. */
  inset?: boolean;
}

const always = () => true;

export function GroupsTree({ groups, members, inset = false }: TreeProps) {
  const router = useRouter();
  const { expanded, toggle } = useToggled(always);
  const rows = useMemo(() => treeRows(groups, { expanded }), [groups, expanded]);
  const wide = useMediaQuery('(min-width: 768px)', true);
  const offline = useConnectionState().kind === 'offline';
  const rowHeight = wide ? 36 : 76;
  const height = Math.min(MOST_PX, rows.length * rowHeight + (wide ? HEAD_PX : 1));
  return (
    <div
      className={`flex min-h-0 flex-col ${inset ? '' : 'flex-1'} ${offline ? 'opacity-60' : ''}`}
      style={inset ? { height } : {}}
    >
      <TreeTable
        key={wide ? 'rows' : 'cards'}
        label="Groups"
        rows={rows}
        rowHeight={rowHeight}
        head={<TreeHead withActions columns={GROUP_COLUMNS} grid={GROUP_GRID} className="max-md:hidden" />}
        open={({ path }) => router.push(`/groups/${urlPath(path)}`)}
        toggle={toggle}
        rowClass={({ node }) => (node.frozenAt !== null || node.frozenBy !== null ? 'bg-ice-tint hatched' : 'hover:bg-hover')}
        renderCells={(row, tabIndex) => (
          <GroupRow row={row} members={members.get(row.node.path) ?? NO_MEMBERS} toggle={toggle} tabIndex={tabIndex} />
        )}
      />
    </div>
  );
}
