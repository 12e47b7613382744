const FIRST_MS = 1000;
export const LONGEST_BACKOFF_MS = 3_600_000;
/** Since it was made. What nobody took for a day nobody waits for. */
const GIVE_UP_MS = 86_400_000;

/** ms until the next attempt: twice as long each time up to an hour, and by chance from half to all of it, so that what failed together does not come back together. */
export function backoffMs(failed: number, random: () => number = Math.random): number {
  const most = Math.min(LONGEST_BACKOFF_MS, FIRST_MS * 2 ** (failed - 1));
  return Math.round(most * (0.5 + random() / 2));
}

export function isGivenUp({ madeAt, nextAt }: { madeAt: number; nextAt: number }): boolean {
  return nextAt - madeAt > GIVE_UP_MS;
}
