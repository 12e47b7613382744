import type { TreeColumn } from '../tree/tree-head.tsx';

/** One grid for header and rows; beside an open cgroup, and on narrow screens, it has fewer columns. */
export const KERNEL_GRID =
  'grid items-center gap-x-3 px-4 grid-cols-[minmax(0,1fr)_3rem_5rem] ' +
  '@[44rem]:grid-cols-[minmax(12rem,1fr)_7.5rem_7rem_4rem_5.5rem] ' +
  '@[60rem]:grid-cols-[minmax(14rem,1fr)_7.5rem_7rem_9rem_5rem_6rem_4rem]';

/** Shown from the width at which the grid has a place for it. */
export const FROM_MIDDLE = '@max-[44rem]:hidden';
export const FROM_WIDE = '@max-[60rem]:hidden';

export const KERNEL_COLUMNS: readonly TreeColumn[] = [
  { label: 'Cgroup', className: '' },
  { label: 'Made by', className: FROM_MIDDLE, definition: 'As its path tells: who makes cgroups of such names.' },
  { label: 'State', className: FROM_MIDDLE, definition: 'Populated: there are processes in it or below it.' },
  {
    label: 'Hierarchies',
    className: FROM_WIDE,
    definition: 'The trees that have it: v2’s, and on an older or hybrid host one of v1 for each controller.',
  },
  { label: 'Cpus', className: 'text-right' },
  { label: 'Memory', className: 'text-right', definition: 'Working set, with all that is below it.' },
  { label: 'Pids', className: `${FROM_WIDE} text-right` },
];
