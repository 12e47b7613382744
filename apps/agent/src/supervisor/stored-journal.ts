import type { FormatVersion } from '@plimsoll/protocol';
import { Compaction } from './journal-compaction.ts';
import { JOURNAL_VERSION, JournalEntry, JournalFormat } from './journal-entry.ts';
import { readJournal, type JournalShape } from './journal-reader.ts';

/** A journal as it lies on disk. Read as often as needed and never held whole: it may be long. */
export class StoredJournal {
  readonly shape: JournalShape;
  readonly version: FormatVersion;
  /** Of entries that need not be kept. */
  readonly obsoleteBytes: number;
  readonly #path: string;
  readonly #compaction = new Compaction();
  /** Offsets of lines that are whole, and no entry of this version. */
  readonly #strange = new Set<number>();

  constructor(path: string) {
    this.#path = path;
    let version: FormatVersion = { major: JOURNAL_VERSION.major, minor: 0 };
    this.shape = readJournal(path, ({ json, offset }) => {
      const entry: unknown = JSON.parse(json);
      const format = JournalFormat.safeParse(entry);
      if (!format.success) return this.#compaction.note(entry, offset);
      version = format.data.version;
    });
    this.version = version;
    let obsolete = 0;
    readJournal(path, ({ json, offset }) => {
      if (!this.#compaction.keeps(JSON.parse(json), offset)) obsolete += json.length;
    });
    this.obsoleteBytes = obsolete;
  }

  /** Containers whose removal it records. */
  get removed(): ReadonlySet<string> {
    return this.#compaction.removed;
  }

  /** Stretches that are not what was written. */
  get damaged(): number {
    return this.shape.damaged + this.#strange.size;
  }

  /** The entries to keep, as far as this version knows them. A line that no version could have written counts as damaged from then on. */
  parse(): JournalEntry[] {
    const entries: JournalEntry[] = [];
    const isNewer = this.version.minor > JOURNAL_VERSION.minor;
    this.#forEach((json, offset) => {
      const { success, data } = JournalEntry.safeParse(JSON.parse(json));
      if (success) entries.push(data);
      else if (!isNewer) this.#strange.add(offset);
    });
    return entries;
  }

  /** Those to keep, as they were written, with what a newer minor version has put into them. */
  forEachKept(take: (json: string) => void): void {
    this.#forEach((json, offset) => {
      if (!this.#strange.has(offset)) take(json);
    });
  }

  #forEach(take: (json: string, offset: number) => void): void {
    readJournal(this.#path, ({ json, offset }) => {
      if (this.#compaction.keeps(JSON.parse(json), offset)) take(json, offset);
    });
  }
}
