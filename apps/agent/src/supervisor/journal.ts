import { closeSync, existsSync, fdatasync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { compact, JournalEntry } from './journal-entry.ts';
import { withRoom, type Reserve } from './reserve.ts';

/** Zeroes written ahead of the entries. */
const RESERVE_BYTES = 1024 * 1024;
/** Rewritten without what is obsolete when it has grown past this, and twofold since the last time. */
const COMPACT_AT_BYTES = 32 * 1024 * 1024;

/**
 * The supervisor's one durable store: a file of JSON lines, followed by zeroes. `append` resolves when its entry is on disk;
 * entries that come while one sync is under way share the next (group commit).
 *
 * Entries overwrite zeroes that are on disk already, so that a sync writes data alone. Were the file to grow with each, every
 * fdatasync would wait for a commit of the file system's own journal, and with it for whatever else the host is writing.
 *
 * A torn last line, from a crash in the middle of a write, is dropped: nobody was told that it was durable.
 */
export class Journal implements Disposable {
  readonly #path: string;
  readonly #reserve: Reserve;
  #fd: number;
  #end: number;
  #reserved: number;
  #compactAt = COMPACT_AT_BYTES;
  #unsynced: PromiseWithResolvers<void> | null = null;
  #syncing = false;

  private constructor(path: string, entries: readonly JournalEntry[], reserve: Reserve) {
    this.#path = path;
    this.#reserve = reserve;
    ({ fd: this.#fd, end: this.#end, reserved: this.#reserved } = withRoom(reserve, () => writeWhole(path, entries)));
    this.#compactAt = Math.max(COMPACT_AT_BYTES, this.#end * 2);
  }

  /** Opens, or makes, the journal at `path`, and tells what is in it and not obsolete. */
  static open(path: string, makeRoom: () => boolean = () => false): { journal: Journal; entries: JournalEntry[] } {
    const entries = compact(existsSync(path) ? readEntries(path) : []);
    return { journal: new Journal(path, entries, { makeRoom }), entries };
  }

  /** Rejects where the disk is full or fails; then the entry counts as not written. */
  async append(entry: JournalEntry): Promise<void> {
    await this.write(entry);
  }

  /** The same in two steps: throws where it cannot be written; resolves when what was written is on disk, or rejects. */
  write(entry: JournalEntry): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    if (this.#end + line.length > this.#reserved) this.#extend(line.length);
    // Once written, a kill -9 of this process loses nothing; the sync is for the power.
    this.#end += writeAll(this.#fd, line, this.#end);
    this.#unsynced ??= Promise.withResolvers();
    const { promise } = this.#unsynced;
    this.#sync();
    return promise;
  }

  [Symbol.dispose](): void {
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }

  #sync(): void {
    const batch = this.#unsynced;
    if (this.#syncing || batch === null) return;
    this.#syncing = true;
    this.#unsynced = null;
    fdatasync(this.#fd, (error) => {
      this.#syncing = false;
      if (error === null) batch.resolve();
      else batch.reject(error);
      if (this.#end > this.#compactAt && this.#unsynced === null) this.#rewrite();
      this.#sync();
    });
  }

  #extend(needed: number): void {
    const more = Math.max(RESERVE_BYTES, needed);
    withRoom(this.#reserve, () => writeAll(this.#fd, Buffer.alloc(more), this.#reserved));
    fsyncSync(this.#fd);
    this.#reserved += more;
  }

  #rewrite(): void {
    closeSync(this.#fd);
    ({ fd: this.#fd, end: this.#end, reserved: this.#reserved } = writeWhole(this.#path, compact(readEntries(this.#path))));
    this.#compactAt = Math.max(COMPACT_AT_BYTES, this.#end * 2);
  }
}

function readEntries(path: string): JournalEntry[] {
  const content = readFileSync(path);
  const zeroes = content.indexOf(0);
  const text = content.toString('utf8', 0, zeroes < 0 ? content.length : zeroes);
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map((line) => JournalEntry.parse(JSON.parse(line)));
}

/** A new file with these entries and a reserve, put in the old one's place when it is whole and on disk. */
function writeWhole(path: string, entries: readonly JournalEntry[]): { fd: number; end: number; reserved: number } {
  const temporary = `${path}.new`;
  const fd = openSync(temporary, 'w+', 0o600);
  let end = 0;
  try {
    for (const entry of entries) end += writeAll(fd, Buffer.from(`${JSON.stringify(entry)}\n`), end);
    writeAll(fd, Buffer.alloc(RESERVE_BYTES), end);
    fsyncSync(fd);
  } catch (error) {
    closeSync(fd);
    rmSync(temporary);
    throw error;
  }
  renameSync(temporary, path);
  const directory = openSync(dirname(path), 'r');
  fsyncSync(directory);
  closeSync(directory);
  return { fd, end, reserved: end + RESERVE_BYTES };
}

function writeAll(fd: number, bytes: Uint8Array, position: number): number {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  return bytes.length;
}
