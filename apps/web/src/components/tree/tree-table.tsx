'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { TreeRow } from '../../lib/tree.ts';

/** The size that the server renders for: a first paint with rows in it. */
const FIRST_PAINT = { width: 1280, height: 900 };

interface TreeTableProps<Node> {
  label: string;
  rows: readonly TreeRow<Node>[];
  rowHeight: number;
  head?: ReactNode;
  /** What Enter does. */
  open: (node: Node) => void;
  toggle: (path: string, expanded: boolean) => void;
  selected?: string | undefined;
  rowClass: (row: TreeRow<Node>) => string;
  /** The cells of a row; `tabIndex` is for what can be focused in it. */
  renderCells: (row: TreeRow<Node>, tabIndex: 0 | -1) => ReactNode;
}

/** A tree with columns, of which only what can be seen is drawn. Arrow keys walk it, as the treegrid pattern of ARIA has it. */
export function TreeTable<Node extends { path: string }>(props: TreeTableProps<Node>) {
  const { label, rows, rowHeight, head, open, toggle, selected, rowClass, renderCells } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | undefined>(selected);
  const wantsFocus = useRef(false);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.node.path ?? index,
    overscan: 8,
    initialRect: FIRST_PAINT,
  });
  const found = rows.findIndex(({ node }) => node.path === active);
  const activeIndex = Math.max(0, found);

  // After each render: a row that was far away is drawn only once it has been scrolled to.
  useEffect(() => {
    if (!wantsFocus.current) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${activeIndex}"]`);
    if (!row) return;
    wantsFocus.current = false;
    row.focus({ preventScroll: true });
  });

  function moveTo(index: number): void {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (row === undefined) return;
    wantsFocus.current = true;
    setActive(row.node.path);
    virtualizer.scrollToIndex(rows.indexOf(row), { align: 'auto' });
  }

  function onKey(event: KeyboardEvent): void {
    const row = rows[activeIndex];
    const onRow = event.target instanceof HTMLElement && event.target.getAttribute('role') === 'row';
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const done = onRow ? (keys(row, activeIndex)[event.key] ?? walk(activeIndex)[event.key]) : walk(activeIndex)[event.key];
    if (done === undefined) return;
    event.preventDefault();
    done();
  }

  function walk(index: number): Partial<Record<string, () => void>> {
    return {
      ArrowDown: () => moveTo(index + 1),
      ArrowUp: () => moveTo(index - 1),
      Home: () => moveTo(0),
      End: () => moveTo(rows.length - 1),
    };
  }

  function keys({ node, level, hasChildren, expanded }: TreeRow<Node>, index: number): Partial<Record<string, () => void>> {
    const parent = rows.slice(0, index).findLastIndex((row) => row.level < level);
    return {
      Enter: () => open(node),
      ArrowRight: () => (hasChildren && !expanded ? toggle(node.path, true) : moveTo(index + 1)),
      ArrowLeft: () => (expanded ? toggle(node.path, false) : parent >= 0 && moveTo(parent)),
    };
  }

  return (
    <div
      role="treegrid"
      aria-label={label}
      aria-rowcount={rows.length}
      // The row that is walked to has the focus, and not the grid.
      tabIndex={-1}
      className="@container flex min-h-0 flex-1 flex-col border-t border-line bg-surface outline-none"
      onKeyDown={onKey}
    >
      {head}
      <div ref={scroller} role="rowgroup" className="min-h-0 flex-1 overflow-auto [scrollbar-gutter:stable]">
        <div role="presentation" className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, key, start, size }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const tabIndex = index === activeIndex ? 0 : -1;
            return (
              <div
                key={key}
                role="row"
                data-index={index}
                tabIndex={tabIndex}
                aria-level={row.level}
                aria-posinset={row.position}
                aria-setsize={row.siblings}
                aria-expanded={row.hasChildren ? row.expanded : undefined}
                aria-selected={selected === undefined ? undefined : row.node.path === selected}
                onFocus={() => setActive(row.node.path)}
                className={`group absolute inset-x-0 top-0 border-b border-line -outline-offset-2 ${rowClass(row)}`}
                style={{ height: size, transform: `translateY(${start}px)` }}
              >
                {renderCells(row, tabIndex)}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
