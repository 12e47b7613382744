import type { IdMapRow } from '@plimsoll/protocol';
import { linesOf, words } from './lines.ts';

/** How the ids of a process's user namespace are those of ours. `which`: `uid` or `gid`. */
export async function idMapOf(pid: number, which: 'uid' | 'gid'): Promise<IdMapRow[]> {
  return (await linesOf(`/proc/${pid}/${which}_map`)).map(parseIdMapRow);
}

/** user_namespaces(7): the first id inside, the first one outside, how many. */
export function parseIdMapRow(line: string): IdMapRow {
  const [inside = 0, outside = 0, count = 0] = words(line).map(Number);
  return { inside, outside, count };
}

/** What an id of ours is inside. Null: the map has none for it, and it shows there as nobody. */
export function idInside(map: readonly IdMapRow[], id: number): number | null {
  const row = map.find(({ outside, count }) => id >= outside && id < outside + count);
  return row === undefined ? null : row.inside + (id - row.outside);
}
