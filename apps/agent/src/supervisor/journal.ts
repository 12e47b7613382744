import { closeSync, existsSync, fdatasync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isNewer, requireReadable, type FormatVersion } from '@plimsoll/protocol';
import { complain } from './complain.ts';
import { checkedLine } from './checked-line.ts';
import { JOURNAL_VERSION, type JournalEntry, type JournalFormat } from './journal-entry.ts';
import { PastRecords } from './past-records.ts';
import { withRoom } from './reserve.ts';
import { setAsideUnlessFile } from '../stores/set-aside.ts';
import { StoredJournal } from './stored-journal.ts';

/** Zeroes written ahead of the entries. */
const RESERVE_BYTES = 1024 * 1024;
/** Rewritten without what is obsolete when it has grown past this, and twofold since the last time. */
const COMPACT_AT_BYTES = 8 * 1024 * 1024;
/** What is obsolete stays over starts as well: a ledger that was lost is rebuilt from the records among it. */
const WORTH_REWRITING_BYTES = 4 * 1024 * 1024;

/** `kept`: where the damaged file lies now; null: it could not be renamed, since the disk is full. */
export interface JournalDamage {
  kept: string | null;
  /** Stretches of it that cannot be read. */
  stretches: number;
}

export interface OpenedJournal {
  journal: Journal;
  /** What is in it and not obsolete. */
  entries: JournalEntry[];
  /** Containers that were removed: what is left of them may be deleted. */
  removed: ReadonlySet<string>;
  damage: JournalDamage | null;
  /** There was no journal, or one without a single entry. */
  isNew: boolean;
}

/**
 * The supervisor's one durable store: a file of JSON lines with checksums, followed by zeroes. `append` resolves when its entry
 * is on disk; entries that come while one sync is under way share the next (group commit).
 *
 * Entries overwrite zeroes that are on disk already, so that a sync writes data alone. Were the file to grow with each, every
 * fdatasync would wait for a commit of the file system's own journal, and with it for whatever else the host is writing.
 */
export class Journal implements Disposable {
  readonly pastRecords: PastRecords;
  readonly #path: string;
  /** Makes room on a full disk; false: there is none to be made. */
  readonly #makeRoom: () => boolean;
  #fd = -1;
  #end = 0;
  #reserved = 0;
  /** Up to here the file is on disk. */
  #durable = 0;
  #compactAt = COMPACT_AT_BYTES;
  #version: FormatVersion = JOURNAL_VERSION;
  /** The line with its version is not written yet. */
  #lacksFormat = false;
  #unsynced: PromiseWithResolvers<void> | null = null;
  #syncing = false;

  private constructor(path: string, makeRoom: () => boolean) {
    this.#path = path;
    this.pastRecords = new PastRecords(path);
    this.#makeRoom = makeRoom;
  }

  /** Opens, or makes, the journal at `path`. A damaged one is kept under another name. Throws `newer-version`. */
  static open(path: string, makeRoom: () => boolean = () => false): OpenedJournal {
    const journal = new Journal(path, makeRoom);
    const setAside = setAsideUnlessFile(path);
    const found = existsSync(path) ? new StoredJournal(path) : null;
    if (found !== null) requireReadable(`the journal ${path}`, found.version, JOURNAL_VERSION);
    const entries = found?.parse() ?? [];
    const damage = journal.#begin(found) ?? (setAside === null ? null : { kept: setAside, stretches: 1 });
    return { journal, entries, removed: found?.removed ?? new Set(), damage, isNew: entries.length === 0 };
  }

  /** Rejects where the disk is full or fails; then the entry counts as not written. */
  async append(entry: JournalEntry): Promise<void> {
    await this.write(entry);
  }

  /** The same in two steps: throws where it cannot be written; resolves when what was written is on disk, or rejects. */
  write(entry: JournalEntry): Promise<void> {
    this.note(entry);
    this.#unsynced ??= Promise.withResolvers();
    const { promise } = this.#unsynced;
    this.#sync();
    return promise;
  }

  /** Writes what must outlive this process and not the power: it is synced with whatever comes next. Throws where it cannot be written. */
  note(entry: JournalEntry): void {
    this.#writeLine(JSON.stringify(entry));
  }

  [Symbol.dispose](): void {
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }

  /** Once written, a kill -9 of this process loses nothing; the sync is for the power. */
  #writeLine(json: string): void {
    this.#writeDueFormat();
    const line = checkedLine(json, this.#durable);
    // A zero stays behind the last line: one that lacks it was cut off.
    if (this.#end + line.length >= this.#reserved) this.#extend(line.length + 1);
    this.#end += writeAll(this.#fd, line, this.#end);
  }

  #sync(): void {
    const batch = this.#unsynced;
    if (this.#syncing || batch === null) return;
    this.#syncing = true;
    this.#unsynced = null;
    const end = this.#end;
    fdatasync(this.#fd, (error) => {
      this.#syncing = false;
      if (error === null) this.#durable = end;
      if (error === null) batch.resolve();
      else batch.reject(error);
      if (this.#end > this.#compactAt && this.#unsynced === null) this.#compact();
      this.#sync();
    });
  }

  #extend(needed: number): void {
    withRoom({ makeRoom: this.#makeRoom }, () => this.#grow(needed));
  }

  /** What is needed comes first: other programs may take all the rest of what was freed. */
  #grow(needed: number): void {
    writeAll(this.#fd, Buffer.alloc(needed), this.#reserved);
    const ahead = writeWhatFits(this.#fd, Buffer.alloc(Math.max(0, RESERVE_BYTES - needed)), this.#reserved + needed);
    fsyncSync(this.#fd);
    this.#reserved += needed + ahead;
  }

  /** Rewrites what there is where that is worth while, and goes on in the file as it is where the disk has no room for it. */
  #begin(found: StoredJournal | null): JournalDamage | null {
    const stretches = found?.damaged ?? 0;
    const damage = (kept: string | null) => (stretches > 0 ? { kept, stretches } : null);
    if (found !== null && stretches === 0 && found.shape.isChecked && found.obsoleteBytes < WORTH_REWRITING_BYTES) {
      this.#goOnIn(found);
      return null;
    }
    try {
      const kept = stretches > 0 ? `${this.#path}.damaged-${Date.now()}` : null;
      // One that goes on as it is needs no room.
      if (found === null) withRoom({ makeRoom: this.#makeRoom }, () => this.#rewrite(null, null));
      else this.#rewrite(found, kept);
      return damage(kept);
    } catch (error) {
      if (!isFull(error)) throw error;
      if (found === null) this.#beginEmpty();
      else this.#goOnIn(found);
      return damage(null);
    }
  }

  /** On a disk without any room: a file that is written when there is some. */
  #beginEmpty(): void {
    this.#fd = openSync(this.#path, 'w+', 0o600);
    this.#lacksFormat = true;
  }

  #formatIfThereIsRoom(): void {
    try {
      this.#writeDueFormat();
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  #writeDueFormat(): void {
    if (!this.#lacksFormat) return;
    this.#lacksFormat = false;
    try {
      this.#writeFormat();
    } catch (error) {
      this.#lacksFormat = true;
      throw error;
    }
  }

  #goOnIn({ shape, version }: StoredJournal): void {
    this.#fd = openSync(this.#path, 'r+');
    this.#end = shape.end;
    this.#reserved = Math.max(shape.size, shape.end);
    this.#version = version;
    // What a crash has cut short stands where the next line goes.
    writeAll(this.#fd, Buffer.alloc(this.#reserved - this.#end), this.#end);
    this.#lacksFormat = !shape.isChecked || isNewer(JOURNAL_VERSION, version);
    this.#formatIfThereIsRoom();
    fsyncSync(this.#fd);
    this.#durable = this.#end;
    this.#compactAt = Math.max(COMPACT_AT_BYTES, this.#end * 2);
  }

  #writeFormat(): void {
    if (isNewer(JOURNAL_VERSION, this.#version)) this.#version = JOURNAL_VERSION;
    this.#writeLine(JSON.stringify({ kind: 'format', version: this.#version } satisfies JournalFormat));
  }

  #compact(): void {
    try {
      this.#rewrite(new StoredJournal(this.#path), null);
    } catch (error) {
      complain('cannot rewrite the journal, which goes on as it is', error);
      this.#compactAt = this.#end * 2;
    }
  }

  /** A new file with what is not obsolete, in the old one's place when it is whole and on disk; the old one is `kept` if it is to be. */
  #rewrite(found: StoredJournal | null, kept: string | null): void {
    const old = { fd: this.#fd, end: this.#end, reserved: this.#reserved, durable: this.#durable };
    const lackedFormat = this.#lacksFormat;
    const temporary = `${this.#path}.new`;
    setAsideUnlessFile(temporary);
    try {
      this.#fd = openSync(temporary, 'w+', 0o600);
      [this.#end, this.#reserved, this.#durable] = [0, Infinity, 0];
      if (found !== null) this.#version = found.version;
      this.#lacksFormat = true;
      this.#writeDueFormat();
      found?.forEachKept((json) => this.#writeLine(json));
      this.#reserved = this.#end;
      this.#extend(1);
      // A second name: a kill at any instant leaves a journal at the path.
      if (kept !== null) linkSync(this.#path, kept);
      renameSync(temporary, this.#path);
    } catch (error) {
      if (this.#fd !== old.fd) closeSync(this.#fd);
      rmSync(temporary, { force: true });
      ({ fd: this.#fd, end: this.#end, reserved: this.#reserved, durable: this.#durable } = old);
      this.#lacksFormat = lackedFormat;
      throw error;
    }
    syncDirectory(dirname(this.#path));
    if (old.fd >= 0) closeSync(old.fd);
    this.#durable = this.#end;
    this.#compactAt = Math.max(COMPACT_AT_BYTES, this.#end * 2);
  }
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  fsyncSync(directory);
  closeSync(directory);
}

/** Returns how many bytes there was room for. */
function writeWhatFits(fd: number, bytes: Uint8Array, position: number): number {
  for (let done = 0; ;) {
    if (done === bytes.length) return done;
    try {
      done += writeSync(fd, bytes, done, bytes.length - done, position + done);
    } catch (error) {
      if (!isFull(error)) throw error;
      return done;
    }
  }
}

function writeAll(fd: number, bytes: Uint8Array, position: number): number {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  return bytes.length;
}
