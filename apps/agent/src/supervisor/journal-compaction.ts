import { z } from 'zod';

/** What of an entry says whether it is obsolete. */
const Head = z.object({
  kind: z.string(),
  id: z.string(),
  seq: z.int().default(0),
  seqs: z.array(z.int()).optional(),
});

/** Kinds of which the last of a container or group counts. Of a kind that this version does not know each is kept. */
const LAST_COUNTS = new Set(['created', 'start', 'desired', 'renamed', 'limits', 'failed', 'exit', 'group', 'host']);
const LEDGERS = new Set(['exit', 'group-end']);

/**
 * Which entries of a journal are still worth keeping: every record that the ledger has not yet acknowledged; of each container
 * that there is its definition, name, last start, last exit, desired state and limits; and each group that there is. Read the
 * entries once with `note`; `keeps` then says it of each.
 */
export class Compaction {
  /** Positions of the last entries, by kind and id. */
  readonly #last = new Map<string, number>();
  readonly #acknowledged = new Set<number>();
  readonly removed = new Set<string>();
  #greatest = { seq: -1, position: -1 };

  note(entry: unknown, position: number): void {
    const { success, data } = Head.safeParse(entry);
    if (!success) return;
    this.#last.set(subject(data), position);
    if (data.kind === 'removed') this.removed.add(data.id);
    if (data.kind !== 'acknowledged') return;
    for (const seq of data.seqs ?? []) {
      this.#acknowledged.add(seq);
      // The greatest number is never given again: an acknowledgement may still be on its way.
      if (seq >= this.#greatest.seq) this.#greatest = { seq, position };
    }
  }

  keeps(entry: unknown, position: number): boolean {
    const { success, data } = Head.safeParse(entry);
    if (!success) return false;
    const { kind, id, seq } = data;
    if (kind === 'acknowledged') return position === this.#greatest.position;
    if (LEDGERS.has(kind) && !this.#acknowledged.has(seq)) return true;
    if (kind === 'group-end' || kind === 'group-removed' || this.removed.has(id)) return false;
    return !LAST_COUNTS.has(kind) || this.#last.get(subject(data)) === position;
  }
}

/** A path may be used again: whether a group is there is said by the last word on it. */
function subject({ kind, id }: { kind: string; id: string }): string {
  return `${kind === 'group-removed' ? 'group' : kind} ${id}`;
}
