/** One grid for header and rows; beside an open cgroup, and on narrow screens, it has the first columns alone. */
export const KERNEL_GRID =
  'grid items-center gap-x-3 px-4 grid-cols-[minmax(0,1fr)_3rem_5rem] ' +
  '@[50rem]:grid-cols-[minmax(14rem,1fr)_7.5rem_7rem_9rem_5rem_6rem_4rem]';

export const WIDE_ONLY = '@max-[50rem]:hidden';

export interface KernelColumn {
  label: string;
  className: string;
  wide: boolean;
  definition?: string;
}

export const KERNEL_COLUMNS: readonly KernelColumn[] = [
  { label: 'Cgroup', className: '', wide: false },
  { label: 'Made by', className: '', wide: true, definition: 'As its path tells: who makes cgroups of such names.' },
  { label: 'State', className: '', wide: true, definition: 'Populated: there are processes in it or below it.' },
  {
    label: 'Hierarchies',
    className: '',
    wide: true,
    definition: 'The trees that have it: v2’s, and on an older or hybrid host one of v1 for each controller.',
  },
  { label: 'Cpus', className: 'text-right', wide: false },
  { label: 'Memory', className: 'text-right', wide: false, definition: 'Working set, with all that is below it.' },
  { label: 'Pids', className: 'text-right', wide: true },
];
