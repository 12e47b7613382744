import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate as otherWork } from 'node:timers/promises';
import { readCheckedLine } from './checked-line.ts';

const CHUNK_BYTES = 256 * 1024;
const SLICE_BYTES = 256 * 1024;
const LINE_FEED = 10;

/** One entry as it stands in the file, by its offset. */
export interface JournalLine {
  offset: number;
  /** Without the line feed. */
  bytes: number;
  json: string;
}

/** What reading a journal found beside its entries. */
export interface JournalShape {
  /** Behind the last line: there the next one goes. */
  end: number;
  /** Of the file, with the zeroes behind its lines. */
  size: number;
  /** Lines have checksums. A journal from before there were any has none. */
  isChecked: boolean;
  /** Stretches where entries stood that were on disk, and that are none now. */
  damaged: number;
}

/**
 * Reads a journal line by line, in bounded memory, and calls `take` for each that is as it was written; a damaged one is passed
 * over. What a crash cut short is no damage, since nothing relied on it yet: text at the end that has zeroes behind it in place of
 * its line feed, and a line whose successors do not name it as durable. (A line's mark is the offset up to which the file was on
 * disk when it was written.)
 */
export function readJournal(path: string, take: (line: JournalLine) => void): JournalShape {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const reading = new Reading(take);
    for (const piece of piecesOf(fd, size)) reading.add(piece);
    return { size, ...reading.shape };
  } finally {
    closeSync(fd);
  }
}

/** The same, with other work of this process in between: some milliseconds at a time. */
export async function readJournalInSlices(path: string, take: (line: JournalLine) => void): Promise<void> {
  const fd = openSync(path, 'r');
  try {
    const reading = new Reading(take);
    let next = SLICE_BYTES;
    for (const piece of piecesOf(fd, fstatSync(fd).size)) {
      reading.add(piece);
      if (piece.offset < next) continue;
      next = piece.offset + SLICE_BYTES;
      await otherWork();
    }
  } finally {
    closeSync(fd);
  }
}

/** What lies between two line feeds; `isLine`: one ends it, which is not among its bytes. */
interface Piece {
  offset: number;
  bytes: Buffer;
  isLine: boolean;
}

class Reading {
  readonly #take: (line: JournalLine) => void;
  readonly #bad: number[] = [];
  #end = 0;
  #lastGood = -1;
  #durable = 0;
  #isChecked = false;
  #isCutOff = false;

  constructor(take: (line: JournalLine) => void) {
    this.#take = take;
  }

  add({ offset, bytes, isLine }: Piece): void {
    if (!isLine) return this.#addRest(bytes);
    this.#end = offset + bytes.length + 1;
    const line = this.#read(bytes.toString('utf8'));
    if (line === null) return void this.#bad.push(offset);
    this.#lastGood = offset;
    this.#durable = Math.max(this.#durable, line.mark);
    this.#take({ offset, bytes: bytes.length, json: line.json });
  }

  get shape(): Omit<JournalShape, 'size'> {
    const lost = this.#bad.filter((offset) => !this.#isChecked || offset < this.#durable || offset > this.#lastGood);
    return { end: this.#end, isChecked: this.#isChecked, damaged: lost.length + Number(this.#isCutOff) };
  }

  /** What no line feed ends: zeroes, or a piece of a line and zeroes. Where there is no zero the file was cut off. */
  #addRest(bytes: Buffer): void {
    const text = bytes.subarray(0, bytes.indexOf(0) < 0 ? bytes.length : bytes.indexOf(0));
    const areZeroes = bytes.subarray(text.length).every((byte) => byte === 0);
    this.#isCutOff = !areZeroes || text.length === bytes.length;
  }

  #read(line: string): { json: string; mark: number } | null {
    const checked = readCheckedLine(line);
    if (checked !== null) this.#isChecked = true;
    if (checked !== null || this.#isChecked) return checked;
    return isJson(line) ? { json: line, mark: 0 } : null;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The last one is what no line feed ends, of no bytes where there is none. The bytes of each are good until the next is taken. */
function* piecesOf(fd: number, size: number): Generator<Piece> {
  // One buffer for the whole file: what a collection of garbage would have to find is small.
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(size, 1)));
  let [offset, read] = [0, 0];
  let pending: Buffer[] = [];
  for (;;) {
    const length = readSync(fd, chunk, 0, chunk.length, read);
    if (length === 0) break;
    read += length;
    let start = 0;
    for (let end = lineFeed(chunk, start, length); end >= 0; end = lineFeed(chunk, start, length)) {
      const rest = chunk.subarray(start, end);
      const bytes = pending.length === 0 ? rest : Buffer.concat([...pending, rest]);
      pending = [];
      yield { offset, bytes, isLine: true };
      offset += bytes.length + 1;
      start = end + 1;
    }
    if (start < length) pending.push(Buffer.from(chunk.subarray(start, length)));
  }
  yield { offset, bytes: Buffer.concat(pending), isLine: false };
}

function lineFeed(chunk: Buffer, from: number, length: number): number {
  const at = chunk.indexOf(LINE_FEED, from);
  return at < length ? at : -1;
}
