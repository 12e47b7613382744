import type { NamespaceMatrix } from '@plimsoll/protocol';

/** Told apart by lightness as well as hue; the words in a cell say the same. */
const TINTS = ['user', 'system', 'anon', 'kernel', 'received', 'sent', 'pids', 'write'];
const HOST = 'var(--color-hover)';

/** A background for each namespace that is in more than one row, by inode. Who shares several has one for all of them. */
export function namespaceTints({ types, host, rows }: NamespaceMatrix): ReadonlyMap<number, string> {
  const tints = new Map<number, string>();
  const tintOf = new Map<string, string>();
  for (const type of types) {
    const ofHost = host[type]?.inode;
    if (ofHost !== undefined) tints.set(ofHost, HOST);
    for (const [inode, sharers] of Map.groupBy(rows, ({ cells }) => cells[type]?.inode)) {
      if (inode === undefined || inode === ofHost || sharers.length < 2) continue;
      const who = sharers.map(({ id }) => id).join(' ');
      const tint = tintOf.get(who) ?? `color-mix(in srgb, var(--color-${TINTS[tintOf.size % TINTS.length]}) 20%, transparent)`;
      tintOf.set(who, tint);
      tints.set(inode, tint);
    }
  }
  return tints;
}
