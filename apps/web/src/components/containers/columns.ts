import type { SortKey } from '../../lib/table-view.ts';

/**
 * One grid for header and rows; where the table is narrow it leaves out columns, and a phone shows each row as a card. By the
 * width of the table and not of the screen: it also lies in a group's page.
 */
export const ROW_GRID =
  'md:grid md:items-center md:gap-x-3 md:px-4 ' +
  'md:grid-cols-[1rem_7.5rem_minmax(6rem,1fr)_9rem_5rem_5.75rem] @[53rem]:grid-cols-[1rem_7.5rem_minmax(7rem,1fr)_13.5rem_10rem_5.75rem] ' +
  '@[65rem]:grid-cols-[1rem_7.5rem_minmax(6rem,1.4fr)_minmax(5rem,0.8fr)_12rem_9.5rem_5.5rem_3.5rem_5.75rem] ' +
  '@[93rem]:grid-cols-[1rem_7.5rem_minmax(8rem,1.4fr)_minmax(6rem,0.8fr)_minmax(5rem,0.6fr)_13.5rem_18rem_6rem_4rem_7.5rem_5.75rem]';

/** Shown from the width at which the grid has a place for it. */
export const FROM_XL = '@max-[65rem]:hidden';
export const FROM_2XL = '@max-[93rem]:hidden';

export interface Column {
  key: SortKey | 'actions';
  label: string;
  className: string;
}

export const COLUMNS: readonly Column[] = [
  { key: 'state', label: 'State', className: '' },
  { key: 'name', label: 'Name', className: '' },
  { key: 'group', label: 'Group', className: FROM_XL },
  { key: 'image', label: 'Image', className: FROM_2XL },
  { key: 'cpu', label: 'Cpus', className: '' },
  { key: 'memory', label: 'Memory', className: '' },
  { key: 'io', label: 'Block io', className: `${FROM_XL} justify-end` },
  { key: 'pids', label: 'Pids', className: `${FROM_XL} justify-end` },
  { key: 'created', label: 'Uptime', className: `${FROM_2XL} justify-end` },
  { key: 'actions', label: 'Actions', className: 'justify-end' },
];
