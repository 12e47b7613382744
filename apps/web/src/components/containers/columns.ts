import type { SortKey } from '../../lib/table-view.ts';

/** One grid for header and rows; narrow screens leave out columns, and a phone shows each row as a card. */
export const ROW_GRID =
  'md:grid md:items-center md:gap-x-3 md:px-4 ' +
  'md:grid-cols-[1rem_8rem_minmax(7rem,1fr)_11rem_12rem_6.5rem] ' +
  'xl:grid-cols-[1rem_8rem_minmax(8rem,1.4fr)_minmax(5rem,0.8fr)_minmax(4rem,0.6fr)_13.5rem_15rem_6rem_4rem_7rem_6.5rem]';

/** Shown from the width at which the grid has a place for it. */
export const WIDE_ONLY = 'max-xl:hidden';

export interface Column {
  key: SortKey | 'actions';
  label: string;
  className: string;
}

export const COLUMNS: readonly Column[] = [
  { key: 'state', label: 'State', className: '' },
  { key: 'name', label: 'Name', className: '' },
  { key: 'group', label: 'Group', className: WIDE_ONLY },
  { key: 'image', label: 'Image', className: WIDE_ONLY },
  { key: 'cpu', label: 'Cpus', className: '' },
  { key: 'memory', label: 'Memory', className: '' },
  { key: 'io', label: 'Block io', className: `${WIDE_ONLY} justify-end` },
  { key: 'pids', label: 'Pids', className: `${WIDE_ONLY} justify-end` },
  { key: 'created', label: 'Uptime', className: `${WIDE_ONLY} justify-end` },
  { key: 'actions', label: 'Actions', className: 'justify-end' },
];
