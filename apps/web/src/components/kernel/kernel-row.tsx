'use client';

import type { HostCgroup } from '@plimsoll/protocol';
import { Lock } from 'lucide-react';
import { BASE_PATH } from '../../lib/base-path.ts';
import { hierarchiesInShort } from '../../lib/kernel-view.ts';
import { lastPart, type TreeRow } from '../../lib/tree.ts';
import { TreeCell } from '../tree/tree-cell.tsx';
import { CgroupState } from './cgroup-state.tsx';
import { FROM_MIDDLE, FROM_WIDE, KERNEL_GRID } from './columns.ts';
import { KernelCells } from './kernel-cells.tsx';
import { OwnerChip } from './owner-chip.tsx';

interface RowProps {
  row: TreeRow<HostCgroup>;
  href: string;
  open: () => void;
  toggle: (path: string, expanded: boolean) => void;
  tabIndex: 0 | -1;
}

/** The cells of one cgroup of the host. */
export function KernelRow({ row, href, open, toggle, tabIndex }: RowProps) {
  const { path, owner, hierarchies, guarded } = row.node;
  return (
    <div role="presentation" className={`h-full text-13 ${KERNEL_GRID} ${row.faded ? 'opacity-55' : ''}`}>
      <TreeCell row={row} toggle={toggle}>
        <a
          href={`${BASE_PATH}${href}`}
          tabIndex={tabIndex}
          title={path === '' ? '/' : path}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            open();
          }}
          className="truncate font-mono text-12 after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {path === '' ? '/' : lastPart(path)}
        </a>
        {guarded !== null && (
          <span className="relative z-10 flex-none cursor-help text-ink-3" title={`Guarded: ${guarded}`}>
            <Lock aria-hidden size={12} />
            <span className="sr-only">guarded</span>
          </span>
        )}
      </TreeCell>
      <span role="gridcell" className={FROM_MIDDLE}>
        <OwnerChip owner={owner} />
      </span>
      <span role="gridcell" className={`flex min-w-0 ${FROM_MIDDLE}`}>
        <CgroupState cgroup={row.node} />
      </span>
      <span role="gridcell" title={hierarchies.join('\n')} className={`truncate text-12 text-ink-2 ${FROM_WIDE}`}>
        {hierarchiesInShort(hierarchies)}
      </span>
      <KernelCells path={path} />
    </div>
  );
}
