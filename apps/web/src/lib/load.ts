/** From here on a fill warms. */
export const AMBER_SHARE = 0.8;

/** Where the load line stands in a bar: the last part shows what is over it. */
export const LOAD_LINE_AT = 0.88;

export type LoadTone = 'water' | 'amber' | 'over';

export function loadTone(used: number, limit: number | undefined): LoadTone {
  if (limit === undefined || !Number.isFinite(used) || used < limit * AMBER_SHARE) return 'water';
  return used < limit ? 'amber' : 'over';
}

/** Height of the fill in a bar whose load line is at LOAD_LINE_AT, 0 to 1. */
export function fillShare(used: number, limit: number): number {
  if (!Number.isFinite(used) || limit <= 0) return 0;
  return Math.min(1, Math.max(0, (used / limit) * LOAD_LINE_AT));
}
