import { ancestorsOf } from '@plimsoll/core';
import type { NamespaceTable } from './namespace-table.ts';

/** How many processes a pid namespace shows: its own, and those of the namespaces that were made inside of it. */
export function processesSeenIn({ walked, entries }: NamespaceTable, inode: number): number {
  const others = [...entries.values()].filter((entry) => entry.type === 'pid' && entry.inode !== inode);
  const inside = new Set([inode]);
  // Where a namespace was made is told by the first ancestor that is in another: again, until none is added.
  const parents = others.map((entry) => ({ entry, parent: parentOf(entry.inode, entry.pids[0] ?? 0, walked.processes) }));
  for (let before = 0; before < inside.size;) {
    before = inside.size;
    for (const { entry, parent } of parents) if (parent !== null && inside.has(parent)) inside.add(entry.inode);
  }
  return [...inside].reduce((sum, one) => sum + (entries.get(one)?.pids.length ?? 0), 0);
}

function parentOf(inode: number, pid: number, processes: NamespaceTable['walked']['processes']): number | null {
  const outside = ancestorsOf(pid)?.find((ancestor) => processes.get(ancestor)?.pid !== inode);
  return outside === undefined ? null : (processes.get(outside)?.pid ?? null);
}
