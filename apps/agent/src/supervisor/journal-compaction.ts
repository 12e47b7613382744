import { REQUEST_KEPT_MS } from '@plimsoll/protocol';

/** What of an entry says whether it is obsolete. */
interface Head {
  kind: string;
  id: string;
  seq: number;
  seqs: readonly unknown[];
  at: string;
}

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
    const data = headOf(entry);
    if (data === null) return;
    if (data.kind === 'removed') this.#remove(data.id, position);
    else if (LAST_COUNTS.has(data.kind) || data.kind === 'group-removed') this.#last.set(subject(data), position);
    if (data.kind !== 'acknowledged') return;
    for (const seq of data.seqs) {
      if (typeof seq !== 'number') continue;
      this.#acknowledged.add(seq);
      // The greatest number is never given again: an acknowledgement may still be on its way.
      if (seq >= this.#greatest.seq) this.#greatest = { seq, position };
    }
  }

  /** What was said of it before is of no more use, and there may be much of it. */
  #remove(id: string, position: number): void {
    this.#removedAt.set(id, position);
    for (const kind of LAST_COUNTS) this.#last.delete(subject({ kind, id }));
  }

  keeps(entry: unknown, position: number): boolean {
    const data = headOf(entry);
    if (data === null) return false;
    const { kind, id, seq, at } = data;
    if (kind === 'acknowledged') return position === this.#greatest.position;
    if (LEDGERS.has(kind) && !this.#acknowledged.has(seq)) return true;
    if (REQUESTS.has(kind)) return Date.parse(at) > this.#now - REQUEST_KEPT_MS;
    if (kind === 'group-end' || kind === 'group-removed' || position <= (this.#removedAt.get(id) ?? -1)) return false;
    return !LAST_COUNTS.has(kind) || this.#last.get(subject(data)) === position;
  }
}

/** A path may be used again: whether a group is there is said by the last word on it. */
function subject({ kind, id }: Pick<Head, 'kind' | 'id'>): string {
  return `${kind === 'group-removed' ? 'group' : kind} ${id}`;
}

/** By hand, since there may be a hundred thousand. Null: it is no entry. */
function headOf(entry: unknown): Head | null {
  if (typeof entry !== 'object' || entry === null) return null;
  const { kind, id, seq, seqs, at } = entry as Partial<Record<keyof Head, unknown>>;
  if (typeof kind !== 'string' || typeof id !== 'string') return null;
  return {
    kind,
    id,
    seq: typeof seq === 'number' ? seq : 0,
    seqs: Array.isArray(seqs) ? seqs : [],
    at: typeof at === 'string' ? at : '',
  };
}
