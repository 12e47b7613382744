import { REQUEST_KEPT_MS } from '@plimsoll/protocol';
import { z } from 'zod';

/** What of an entry says whether it is obsolete. */
const Head = z.object({
  kind: z.string(),
  id: z.string(),
  seq: z.int().default(0),
  seqs: z.array(z.int()).optional(),
  at: z.string().optional(),
});

/** Kinds of which the last of a container or group counts. Of a kind that this version does not know each is kept. */
const LAST_COUNTS = new Set(['created', 'start', 'desired', 'renamed', 'limits', 'failed', 'exit', 'group', 'host']);
const LEDGERS = new Set(['exit', 'group-end']);
const REQUESTS = new Set(['request', 'answer']);

/**
 * Which entries of a journal are still worth keeping: every record that the ledger has not yet acknowledged; of each container
 * that there is its definition, name, last start, last failure, last exit, desired state and limits; each group that there is; and
 * the requests of the last ten minutes. Read the
 * entries once with `note`; `keeps` then says it of each.
 */
export class Compaction {
  /** Positions of the last entries, by kind and id. */
  readonly #last = new Map<string, number>();
  readonly #acknowledged = new Set<number>();
  /** Positions of removals. A `run` that is repeated after it took no effect makes a container of the same id again. */
  readonly #removedAt = new Map<string, number>();
  readonly #now: number;
  #greatest = { seq: -1, position: -1 };

  /** `now`: wall clock, ms. */
  constructor(now = Date.now()) {
    this.#now = now;
  }

  /** Containers that were removed, and not made again. */
  get removed(): ReadonlySet<string> {
    const isGone = ([id, position]: [string, number]) => (this.#last.get(`created ${id}`) ?? -1) < position;
    return new Set([...this.#removedAt].filter(isGone).map(([id]) => id));
  }

  note(entry: unknown, position: number): void {
    const { success, data } = Head.safeParse(entry);
    if (!success) return;
    this.#last.set(subject(data), position);
    if (data.kind === 'removed') this.#removedAt.set(data.id, position);
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
    const { kind, id, seq, at } = data;
    if (kind === 'acknowledged') return position === this.#greatest.position;
    if (LEDGERS.has(kind) && !this.#acknowledged.has(seq)) return true;
    if (REQUESTS.has(kind)) return Date.parse(at ?? '') > this.#now - REQUEST_KEPT_MS;
    if (kind === 'group-end' || kind === 'group-removed' || position <= (this.#removedAt.get(id) ?? -1)) return false;
    return !LAST_COUNTS.has(kind) || this.#last.get(subject(data)) === position;
  }
}

/** A path may be used again: whether a group is there is said by the last word on it. */
function subject({ kind, id }: { kind: string; id: string }): string {
  return `${kind === 'group-removed' ? 'group' : kind} ${id}`;
}
