import { setTimeout as delay } from 'node:timers/promises';
import { complain } from './complain.ts';
import { isLedgers, type JournalEntry } from './journal-entry.ts';
import type { HostId } from '@plimsoll/protocol';
import type { Journal } from './journal.ts';
import type { ExitRecord, GroupEnd, LedgerRecord } from './ledger-record.ts';

const RECORD_AGAIN_MS = 1000;
const TELL_EVERY_MS = 60_000;

/** `written` resolves when no kill of this process can lose a record any more, `durable` when the power cannot either. */
export interface Recording {
  written: Promise<void>;
  durable: Promise<void>;
  /** Resolves with the error when the disk did not take it at first; never where it did. */
  failing: Promise<unknown>;
}

/**
 * What the agent's ledger is to be told of: kept, in memory as well, until it says that it has it on disk. An agent that is
 * away for long costs some hundred bytes for each container that ends meanwhile.
 */
export class LedgerRecords {
  readonly #journal: Journal;
  readonly #host: HostId;
  readonly #tell: (record: LedgerRecord) => void;
  readonly #kept = new Map<number, LedgerRecord>();
  #lastSeq = 0;

  /** `entries`: of the journal as it was opened; `tell` is called with each record that is durable; numbers are greater than `above`. */
  constructor(
    { journal, host }: { journal: Journal; host: HostId },
    entries: readonly JournalEntry[],
    tell: (record: LedgerRecord) => void,
    above = 0,
  ) {
    this.#journal = journal;
    this.#host = host;
    this.#tell = tell;
    const records = entries.filter(isLedgers);
    const acknowledged = entries.flatMap((entry) => (entry.kind === 'acknowledged' ? entry.seqs : []));
    this.#lastSeq = [...acknowledged, ...records.map(({ seq }) => seq)].reduce((most, seq) => Math.max(most, seq), above);
    for (const record of records) {
      const numbered = { ...record, host: record.host ?? host, seq: record.seq || ++this.#lastSeq };
      this.#kept.set(numbered.seq, numbered);
    }
  }

  /** In the order of their numbers, those after `seq`. */
  after(seq: number, most: number): LedgerRecord[] {
    return [...this.#kept.values()]
      .filter((record) => record.seq > seq)
      .toSorted((a, b) => a.seq - b.seq)
      .slice(0, most);
  }

  /** All that the journal still has, acknowledged or not, as `after`: for a ledger that has lost something. Reads the file. */
  async pastAfter(seq: number, most: number): Promise<LedgerRecord[]> {
    const past = await this.#journal.pastRecords.after(seq, most);
    return past.map((record) => ({ ...record, host: record.host ?? this.#host }));
  }

  /**
   * A full disk must cost nobody a bill: it is tried until it is written.
   */
  recordExit(record: Omit<ExitRecord, 'kind' | 'seq' | 'host'>): Recording {
    return this.#record({ kind: 'exit', seq: ++this.#lastSeq, host: this.#host, ...record });
  }

  /** Written when this returns, and on disk soon after: only the power can come between, or a disk that takes no record yet. */
  recordGroupEnd(record: Omit<GroupEnd, 'kind' | 'seq' | 'host'>): void {
    this.#record({ kind: 'group-end', seq: ++this.#lastSeq, host: this.#host, ...record });
  }

  /** Resolves when it is durable that these are not needed here any more. */
  async acknowledge(seqs: readonly number[]): Promise<void> {
    const known = seqs.filter((seq) => this.#kept.has(seq));
    if (known.length === 0) return;
    await this.#journal.append({ kind: 'acknowledged', id: 'ledger', seqs: known });
    for (const seq of known) this.#kept.delete(seq);
  }

  #record(entry: LedgerRecord): Recording {
    const written = Promise.withResolvers<void>();
    const failing = Promise.withResolvers<unknown>();
    const record = async (): Promise<void> => {
      for (let toldAt = Number.NEGATIVE_INFINITY; ; await delay(RECORD_AGAIN_MS)) {
        try {
          const synced = this.#journal.write(entry);
          written.resolve();
          await synced;
          return this.#keep(entry);
        } catch (error) {
          failing.resolve(error);
          if (performance.now() - toldAt < TELL_EVERY_MS) continue;
          toldAt = performance.now();
          complain(
            `cannot record the end of ${entry.kind === 'exit' ? 'container' : 'group'} "${entry.id}", and tries again`,
            error,
          );
        }
      }
    };
    return { written: written.promise, durable: record(), failing: failing.promise };
  }

  #keep(record: LedgerRecord): void {
    this.#kept.set(record.seq, record);
    this.#tell(record);
  }
}
