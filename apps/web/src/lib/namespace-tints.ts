import type { HostNamespace, NamespaceMatrix } from '@plimsoll/protocol';

/** Told apart by lightness as well as hue; the words in a cell say the same. */
const TINTS = ['user', 'system', 'anon', 'kernel', 'received', 'sent', 'pids', 'write'];

/** A background for each namespace that is in more than one row: the same one wherever it is. Of the host's, a grey. */
export function namespaceTints({ types, rows }: NamespaceMatrix): ReadonlyMap<number, string> {
  const tints = new Map<number, string>();
  let next = 0;
  for (const type of types) {
    const cells = rows.map(({ cells: all }) => all[type]).filter((cell) => cell !== undefined);
    const times = Map.groupBy(cells, ({ inode }: HostNamespace) => inode);
    for (const [inode, [cell, second]] of times) {
      if (cell?.isHost === true) {
        tints.set(inode, 'var(--color-hover)');
      } else if (second !== undefined) {
        tints.set(inode, `color-mix(in srgb, var(--color-${TINTS[next % TINTS.length]}) 20%, transparent)`);
        next += 1;
      }
    }
  }
  return tints;
}
