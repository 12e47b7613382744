import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import type { TreeRow } from '../../lib/tree.ts';

/** Deeper than this a name keeps its place: there would be none left for it. */
const DEEPEST = 10;

interface TreeCellProps {
  row: Pick<TreeRow<{ path: string }>, 'node' | 'level' | 'hasChildren' | 'expanded'>;
  toggle: (path: string, expanded: boolean) => void;
  className?: string;
  children: ReactNode;
}

/** The first cell of a tree's row: as far in as its level, with what opens and closes it. */
export function TreeCell({ row: { node, level, hasChildren, expanded }, toggle, className = '', children }: TreeCellProps) {
  return (
    <span
      role="gridcell"
      className={`flex min-w-0 items-center gap-1 ${className}`}
      style={{ paddingLeft: `${(Math.min(level, DEEPEST) - 1) * 16}px` }}
    >
      {hasChildren ? (
        <button
          type="button"
          // The row has the keys for it, and says whether it is open.
          tabIndex={-1}
          aria-label={expanded ? 'Collapse' : 'Expand'}
          onClick={() => toggle(node.path, !expanded)}
          className="relative z-10 flex size-5 flex-none items-center justify-center rounded text-ink-3 hover:bg-ground hover:text-ink"
        >
          <ChevronRight aria-hidden size={15} className={expanded ? 'rotate-90' : ''} />
        </button>
      ) : (
        <span className="size-5 flex-none" />
      )}
      {children}
    </span>
  );
}
