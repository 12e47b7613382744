import type { TreeColumn } from '../tree/tree-head.tsx';

/** One grid for header and rows; where the table is narrow it leaves out columns, and a phone shows each row as a card. */
export const GROUP_GRID =
  'md:grid md:items-center md:gap-x-3 md:px-4 ' +
  'md:grid-cols-[minmax(8rem,1fr)_6.5rem_3.5rem_3.5rem_5rem_7.5rem] @[53rem]:grid-cols-[minmax(8rem,1fr)_7.5rem_4rem_11.5rem_9.5rem_7.5rem] ' +
  '@[65rem]:grid-cols-[minmax(9rem,1fr)_7rem_3.75rem_11.5rem_9.5rem_5rem_3rem_7.5rem] ' +
  '@[93rem]:grid-cols-[minmax(14rem,1fr)_10rem_4.5rem_13rem_18rem_6rem_4rem_minmax(9rem,0.8fr)_7.5rem]';

/** Shown from the width at which the grid has a place for it. */
export const FROM_LG = '@max-[53rem]:hidden';
export const FROM_XL = '@max-[65rem]:hidden';
export const FROM_2XL = '@max-[93rem]:hidden';
/** Below that width a figure alone stands in a column. */
const ALONE = 'md:@max-[53rem]:text-right';

const OWN = 'The kernel’s own figure for the group’s cgroup, with all that is in it; not a sum over its containers.';

export const GROUP_COLUMNS: readonly TreeColumn[] = [
  { label: 'Group', className: '' },
  { label: 'State', className: '' },
  {
    label: 'Running',
    className: 'text-right',
    definition: 'Containers with processes, of all that are in the group or in groups inside it.',
  },
  { label: 'Cpus', className: ALONE, definition: OWN },
  { label: 'Memory', className: ALONE, definition: `Working set, against the group’s limit. ${OWN}` },
  { label: 'Block io', className: `${FROM_XL} text-right`, definition: OWN },
  { label: 'Pids', className: `${FROM_XL} text-right`, definition: OWN },
  { label: 'Limits', className: FROM_2XL },
];
