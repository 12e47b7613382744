'use client';

import type { GroupView } from '@plimsoll/protocol';
import Link from 'next/link';
import { groupStateKind, groupStateLabel, type Members } from '../../lib/group-state.ts';
import { limitsInShort } from '../../lib/limits-in-short.ts';
import { lastPart, urlPath, type TreeRow } from '../../lib/tree.ts';
import { IncidentBadge } from '../incidents/incident-badge.tsx';
import { Glyph } from '../state-glyph.tsx';
import { TreeCell } from '../tree/tree-cell.tsx';
import { FROM_2XL, GROUP_GRID } from './columns.ts';
import { GroupCells } from './group-cells.tsx';
import { GroupRowActions } from './group-row-actions.tsx';

interface RowProps {
  row: TreeRow<GroupView>;
  members: Members;
  toggle: (path: string, expanded: boolean) => void;
  tabIndex: 0 | -1;
}

/** The cells of one group: a row of the grid, or a card on a phone. */
export function GroupRow({ row, members: { alive, all }, toggle, tabIndex }: RowProps) {
  const group = row.node;
  const { path, displayName } = group;
  const limits = limitsInShort(group.limits);
  const name = displayName ?? lastPart(path);
  return (
    <div
      role="presentation"
      className={`h-full max-md:grid max-md:grid-cols-[6.5rem_3rem_1fr_6rem] max-md:content-center max-md:items-center max-md:gap-x-3 max-md:gap-y-1 max-md:px-4 ${GROUP_GRID}`}
    >
      <TreeCell row={row} toggle={toggle} className="max-md:col-span-3 max-md:col-start-1 max-md:row-start-1">
        <Link
          href={`/groups/${urlPath(path)}`}
          prefetch={false}
          tabIndex={tabIndex}
          title={path}
          className="truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {name}
        </Link>
        {name !== path && (
          <span
            className={`ml-1 min-w-0 shrink-[3] truncate font-mono text-12 text-ink-3 ${displayName === null ? FROM_2XL : ''}`}
          >
            {path}
          </span>
        )}
        <IncidentBadge group={path} />
      </TreeCell>
      <span role="gridcell" className="flex min-w-0 max-md:col-start-1 max-md:row-start-2">
        <Glyph kind={groupStateKind(group, alive)} label={groupStateLabel(group, alive)} />
      </span>
      <span
        role="gridcell"
        title={`${alive} running of ${all}`}
        className="tabular text-right text-13 max-md:col-start-2 max-md:row-start-2"
      >
        {alive}
        <span className="text-ink-3"> / {all}</span>
      </span>
      <GroupCells group={group} alive={alive > 0} />
      <span role="gridcell" title={limits.join(', ')} className={`truncate text-12 text-ink-2 ${FROM_2XL}`}>
        {limits.length === 0 ? <span className="text-ink-3">none</span> : limits.join(' · ')}
      </span>
      <span role="gridcell" className="relative z-10 flex justify-end max-md:col-start-4 max-md:row-start-1">
        <GroupRowActions group={group} alive={alive} tabIndex={tabIndex} />
      </span>
    </div>
  );
}
