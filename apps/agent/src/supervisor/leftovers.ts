import { guarded } from '@plimsoll/core/guarded';
import type { Host } from './identity.ts';

/**
 * Goes on with deletions that the supervisor before began, in the background. Until all files of a range of ids are gone no other
 * container has that range, and a layer's project keeps its limit.
 */
export function clearLeftovers(
  { store, layers, ranges }: Pick<Host, 'store' | 'layers' | 'ranges'>,
  deletable: ReadonlySet<string>,
  releaseIds: (first: number) => void,
): void {
  const leftovers = store.clear(deletable);
  layers.clearUnused();
  for (const [first, deletions] of Map.groupBy(leftovers, ({ firstId }) => firstId)) {
    if (first === null) continue;
    ranges.claim(first);
    const gone = Promise.all(deletions.map((leftover) => leftover.gone));
    void gone.then(guarded(`the ids from ${first}`, (each: boolean[]) => each.every(Boolean) && releaseIds(first)));
  }
  if (leftovers.length === 0) return;
  void Promise.all(leftovers.map(({ gone }) => gone)).then(guarded('the limits of deleted layers', () => layers.clearUnused()));
}
