'use client';

import type { HostCgroup } from '@plimsoll/protocol';
import { useMemo, useState } from 'react';
import { kernelFilter, kernelHref, usuallyOpen, type KernelView } from '../../lib/kernel-view.ts';
import { treeRows } from '../../lib/tree.ts';
import { useConnectionState } from '../live-provider.tsx';
import { TreeHead } from '../tree/tree-head.tsx';
import { TreeTable } from '../tree/tree-table.tsx';
import { useToggled } from '../tree/use-toggled.ts';
import { KERNEL_COLUMNS, KERNEL_GRID } from './columns.ts';
import { KernelRow } from './kernel-row.tsx';

interface TreeProps {
  cgroups: readonly HostCgroup[];
  view: KernelView;
  selected: string | null;
  select: (path: string) => void;
}

export function KernelTreeTable({ cgroups, view, selected, select }: TreeProps) {
  // As it was at first: what is open does not close because a cgroup more has come.
  const [usual] = useState(() => usuallyOpen(cgroups.length, selected));
  const { expanded, toggle } = useToggled(usual);
  const { query, owner } = view;
  const rows = useMemo(
    () => treeRows(cgroups, { expanded, matches: kernelFilter({ query, owner }) }),
    [cgroups, expanded, query, owner],
  );
  const offline = useConnectionState().kind === 'offline';
  if (rows.length === 0) {
    return <p className="m-auto p-8 text-center text-ink-2">No cgroup of this host matches.</p>;
  }
  return (
    <div className={`flex min-h-0 min-w-0 flex-1 flex-col ${offline ? 'opacity-60' : ''}`}>
      <TreeTable
        label="Cgroups of the host"
        rows={rows}
        rowHeight={32}
        head={<TreeHead columns={KERNEL_COLUMNS} grid={KERNEL_GRID} />}
        open={({ path }) => select(path)}
        toggle={toggle}
        selected={selected ?? undefined}
        rowClass={({ node }) => rowClass(node, selected)}
        renderCells={(row, tabIndex) => (
          <KernelRow
            row={row}
            href={kernelHref(row.node.path, view)}
            open={() => select(row.node.path)}
            toggle={toggle}
            tabIndex={tabIndex}
          />
        )}
      />
    </div>
  );
}

function rowClass({ path, frozen }: HostCgroup, selected: string | null): string {
  if (path === selected) return 'bg-accent-soft';
  return frozen === true ? 'bg-ice-tint hatched' : 'hover:bg-hover';
}
