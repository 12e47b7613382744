import { IDS_IN_A_RANGE } from '@plimsoll/core';
import { guarded } from '@plimsoll/core/guarded';
import type { Host } from './incarnation.ts';

/**
 * Goes on with deletions that the supervisor before began, in the background. Until a layer is gone its ids are given to nobody, and its
 * project keeps its limit.
 */
export function clearLeftovers(
  { store, layers, ranges }: Pick<Host, 'store' | 'layers' | 'ranges'>,
  deletable: ReadonlySet<string>,
  releaseIds: (first: number) => void,
): void {
  const leftovers = store.clear(deletable);
  layers.clearUnused();
  for (const { owner, gone } of leftovers) {
    if (owner === null || owner < IDS_IN_A_RANGE) continue;
    const first = owner - (owner % IDS_IN_A_RANGE);
    ranges.claim(first);
    void gone.then(guarded(`the ids from ${first}`, (isGone: boolean) => isGone && releaseIds(first)));
  }
  if (leftovers.length === 0) return;
  void Promise.all(leftovers.map(({ gone }) => gone)).then(guarded('the limits of deleted layers', () => layers.clearUnused()));
}
