import { closeSync, openSync, readSync } from 'node:fs';
import { readCheckedLine } from './checked-line.ts';
import { isLedgers, JournalEntry } from './journal-entry.ts';
import { readJournalInSlices } from './journal-reader.ts';
import type { LedgerRecord } from './ledger-record.ts';

/** Where a record stands in the journal. */
interface Place {
  seq: number;
  offset: number;
  bytes: number;
}

const TRIES = 3;

/** The ledger's records that a journal still has, those among them that the ledger has acknowledged, in pages. */
export class PastRecords {
  readonly #path: string;
  /** Behind the page that was read last. */
  #rest: { after: number; places: readonly Place[] } | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** In the order of their numbers, those after `seq`. Reads the file once for many pages, and lets other work run in between. */
  async after(seq: number, most: number): Promise<LedgerRecord[]> {
    for (let tries = 0; tries < TRIES; tries++) {
      const places = this.#rest?.after === seq ? this.#rest.places : await this.#find(seq);
      this.#rest = null;
      const page = places.slice(0, most);
      const records = this.#read(page);
      // The journal was rewritten since.
      if (records === null) continue;
      const [last, rest] = [page.at(-1), places.slice(most)];
      if (last !== undefined && rest.length > 0) this.#rest = { after: last.seq, places: rest };
      return records;
    }
    throw new Error('the journal was rewritten each time that it was read');
  }

  async #find(after: number): Promise<Place[]> {
    const places: Place[] = [];
    await readJournalInSlices(this.#path, ({ json, offset, bytes }) => {
      if (!json.includes('"kind":"exit"') && !json.includes('"kind":"group-end"')) return;
      const { seq } = JSON.parse(json) as { seq?: unknown };
      if (typeof seq === 'number' && seq > after) places.push({ seq, offset, bytes });
    });
    return places.toSorted((a, b) => a.seq - b.seq);
  }

  /** Null where other lines stand there. One that this version cannot read is left out. */
  #read(places: readonly Place[]): LedgerRecord[] | null {
    const records: LedgerRecord[] = [];
    const fd = openSync(this.#path, 'r');
    try {
      for (const { seq, offset, bytes } of places) {
        const line = Buffer.alloc(bytes);
        readSync(fd, line, 0, bytes, offset);
        const entry = parseJson(readCheckedLine(line.toString())?.json ?? line.toString());
        if ((entry as { seq?: unknown } | null)?.seq !== seq) return null;
        const { success, data } = JournalEntry.safeParse(entry);
        if (success && isLedgers(data)) records.push(data);
      }
    } finally {
      closeSync(fd);
    }
    return records;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
