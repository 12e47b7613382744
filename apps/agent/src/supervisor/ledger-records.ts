import { setTimeout as delay } from 'node:timers/promises';
import { complain } from './complain.ts';
import { isLedgers, type JournalEntry } from './journal-entry.ts';
import type { HostId } from '@plimsoll/protocol';
import type { Journal } from './journal.ts';
import type { ExitRecord, GroupEnd, LedgerRecord } from './ledger-record.ts';

const RECORD_AGAIN_MS = 2000;

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
  pastAfter(seq: number, most: number): LedgerRecord[] {
    const past = this.#journal.readLedgerRecords();
    return past
      .filter((record) => record.seq > seq)
      .toSorted((a, b) => a.seq - b.seq)
      .slice(0, most)
      .map((record) => ({ ...record, host: record.host ?? this.#host }));
  }

  /**
   * `written` resolves when no kill of this process can lose it any more, `durable` when the power cannot either. A full disk
   * must cost nobody a bill: it is tried until it is.
   */
  recordExit(record: Omit<ExitRecord, 'kind' | 'seq' | 'host'>): { written: Promise<void>; durable: Promise<void> } {
    const { promise: written, resolve } = Promise.withResolvers<void>();
    return { written, durable: this.#recordExit({ kind: 'exit', seq: ++this.#lastSeq, host: this.#host, ...record }, resolve) };
  }

  /** Written when this returns, and on disk soon after: only the power can come between. */
  recordGroupEnd(record: Omit<GroupEnd, 'kind' | 'seq' | 'host'>): void {
    const entry: GroupEnd = { kind: 'group-end', seq: ++this.#lastSeq, host: this.#host, ...record };
    this.#journal.append(entry).then(
      () => this.#keep(entry),
      (error: unknown) => complain(`cannot record the end of group "${entry.id}"`, error),
    );
  }

  /** Resolves when it is durable that these are not needed here any more. */
  async acknowledge(seqs: readonly number[]): Promise<void> {
    const known = seqs.filter((seq) => this.#kept.has(seq));
    if (known.length === 0) return;
    await this.#journal.append({ kind: 'acknowledged', id: 'ledger', seqs: known });
    for (const seq of known) this.#kept.delete(seq);
  }

  async #recordExit(entry: ExitRecord, written: () => void): Promise<void> {
    for (;;) {
      try {
        const synced = this.#journal.write(entry);
        written();
        await synced;
        break;
      } catch (error) {
        complain(`cannot record the end of container "${entry.id}", and tries again`, error);
        await delay(RECORD_AGAIN_MS);
      }
    }
    this.#keep(entry);
  }

  #keep(record: LedgerRecord): void {
    this.#kept.set(record.seq, record);
    this.#tell(record);
  }
}
