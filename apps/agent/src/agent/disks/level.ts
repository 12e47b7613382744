import type { DiskLevel } from '@plimsoll/protocol';

/** Above this almost nothing is left, whatever is set as little. */
const FULL_SHARE = 0.98;
/** A level ends when the share is this far below where it began: what is written and deleted again is no news each time. */
const FULL_ENDS_BELOW = 0.01;
const LOW_ENDS_BELOW = 0.03;

/** The level at a share of 0 to 1, after the level before. `lowShare`: where `low` begins. */
export function levelAt(share: number, before: DiskLevel, lowShare: number): DiskLevel {
  if (share >= FULL_SHARE || (before === 'full' && share >= FULL_SHARE - FULL_ENDS_BELOW)) return 'full';
  if (share >= lowShare || (before !== 'ok' && share >= lowShare - LOW_ENDS_BELOW)) return 'low';
  return 'ok';
}
