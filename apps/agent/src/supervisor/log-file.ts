import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { writeFailure, type DiskFailure } from '../disk-failure.ts';
import type { StreamPosition } from '../logs/cri-entry.ts';
import { countOutputSync } from '../logs/count-output.ts';
import { gapInWords, type GapRecord } from './log-gap.ts';
import { logEntry, logText, outputIn, wholeEntries, type LogText } from './log-text.ts';
import { setAsideUnlessFile } from '../stores/set-aside.ts';

/** Past this a log becomes `log.1`, and the one before that is gone: a container's output takes at most twice as much. */
const ROTATE_AT_BYTES = 16 * 1024 * 1024;
/** A piece of output that is one entry is shorter, with what stands before it. */
const LONGEST_ENTRY_BYTES = 128 * 1024;
/** After a write that failed nothing is written for so long. */
const AGAIN_MS = 1000;

export type Stream = 'stdout' | 'stderr';

/**
 * A container's output, both streams in the order that they were read, in the format of Kubernetes' CRI:
 *
 *   2026-01-31T23:59:59.123456000Z stdout F a whole line
 *   2026-01-31T23:59:59.223456000Z stderr P a part, whose line goes on in this stream's next entry
 *   2026-01-31T23:59:59.323456000Z stderr F:gap 12 lines (340 bytes) were not recorded from … to …: the disk was full
 *
 * Each file but the first begins with `… stdout P:from=16776960 `: so many bytes of output were recorded before it. The output of a run that a client
 * is attached to stands behind `… stdout P:at=OUT,ERR ` in each file, and again wherever something is missing: the bytes of each stream before it.
 *
 * A disk that takes no write holds up no container: its output is dropped, counted, and reported by a gap entry.
 */
export class LogFile implements Disposable {
  readonly #path: string;
  readonly #gap: GapRecord;
  readonly #retry: Disposable;
  /** Null until something is written: most short-lived containers say nothing. */
  #fd: number | null = null;
  #size = 0;
  /** Bytes of output that are recorded, since the log began. Null: of a file that was there before, which is counted when it is rotated. */
  #outputBytes: number | null = null;
  /** The file that was begun does not say yet what is before it. */
  #isUnmarked = false;
  /** What was last written is what was read before the next piece. */
  #isAligned = false;
  /** Streams whose last entry was a part of a line. */
  readonly #unfinished = new Set<Stream>();
  #againAt = 0;
  #failure: DiskFailure = 'full';

  constructor(path: string, gap: GapRecord) {
    this.#path = path;
    this.#gap = gap;
    this.#retry = gap.onRetry(() => void this.#endGap());
  }

  /**
   * Appends what was read at one time, and returns the size of its entries. The bytes are kept as they are, valid UTF-8 or not. `position`: what
   * was read before, of a run that a client is attached to.
   */
  append(stream: Stream, bytes: Uint8Array, position?: StreamPosition): number {
    const text = logText(stream, timestamp(), bytes);
    const gap = this.#gap.get();
    const isTooEarly = gap !== null && performance.now() < this.#againAt;
    const isWritten = !isTooEarly && this.#endGap() && this.#align(text.bytes.length, position);
    // Until the end of this call nothing is known of it.
    this.#isAligned = false;
    if (!isWritten) this.#lose(text, 0);
    else this.#isAligned = this.#writeOutput(stream, text, bytes.length);
    return text.bytes.length;
  }

  [Symbol.dispose](): void {
    this.#retry[Symbol.dispose]();
    this.#endGap();
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  /** Says where the next entries are, of so many bytes, unless that is known. False: the disk takes none. */
  #align(bytes: number, position: StreamPosition | undefined): boolean {
    if (position === undefined || (this.#isAligned && !this.#isTooLong(bytes))) return true;
    const mark = logEntry('stdout', timestamp(), { tag: `P:at=${position.stdout},${position.stderr}` });
    return this.#writeEntries(mark, bytes) === mark.length;
  }

  /** `outputBytes`: in the text. False: some of it is missing. */
  #writeOutput(stream: Stream, text: LogText, outputBytes: number): boolean {
    if (text.bytes.length === 0) return true;
    const end = this.#writeEntries(text.bytes);
    this.#count(end === text.bytes.length ? outputBytes : outputBytes - outputIn(text, end).bytes);
    if (end === text.bytes.length && text.isUnfinished) this.#unfinished.add(stream);
    else if (end > 0) this.#unfinished.delete(stream);
    if (end < text.bytes.length) this.#lose(text, end);
    return end === text.bytes.length;
  }

  /** Writes the entry of the gap, where there is one. It stands in a line of its own. False: the disk takes none. */
  #endGap(): boolean {
    const gap = this.#gap.get();
    if (gap === null) return true;
    const time = timestamp();
    const unfinished = [...this.#unfinished];
    const ends = unfinished.map((stream) => logEntry(stream, time, { tag: 'F:end' }));
    const text = Buffer.concat([...ends, logEntry('stderr', time, { tag: 'F:gap', line: gapInWords(gap) })]);
    const { entries } = wholeEntries(text, this.#writeEntries(text));
    // Each of these is a newline to a reader.
    this.#count(Math.min(entries, ends.length));
    for (const stream of unfinished.slice(0, entries)) this.#unfinished.delete(stream);
    if (entries <= ends.length) return false;
    this.#gap.set(null);
    this.#isAligned = false;
    return true;
  }

  #isTooLong(bytes: number): boolean {
    return this.#size > 0 && this.#size + bytes > ROTATE_AT_BYTES;
  }

  /** How much of the text is in the file, in whole entries. `following`: bytes that are to come into the same file behind it. */
  #writeEntries(text: Buffer, following = 0): number {
    let done = 0;
    try {
      let fd = (this.#fd ??= this.#open());
      if (this.#isTooLong(text.length + following)) fd = this.#rotate(fd);
      if (this.#isUnmarked) this.#mark(fd);
      while (done < text.length) done += writeSync(fd, text, done);
      this.#size += text.length;
      return text.length;
    } catch (error) {
      const failure = writeFailure(error);
      if (failure === null) throw error;
      this.#failure = failure;
      this.#againAt = performance.now() + AGAIN_MS;
      const { end } = wholeEntries(text, done);
      // What is left of an entry would be read as the beginning of the next.
      if (this.#fd !== null && done > 0) {
        this.#size = fstatSync(this.#fd).size - (done - end);
        ftruncateSync(this.#fd, this.#size);
      }
      return end;
    }
  }

  /** Counts what the text has from an entry on. */
  #lose(text: LogText, from: number): void {
    const lost = outputIn(text, from);
    if (lost.lines + lost.bytes === 0) return;
    const toMs = Date.now();
    const gap = this.#gap.get() ?? { fromMs: toMs, toMs, lines: 0, bytes: 0, why: this.#failure };
    this.#gap.set({ ...gap, toMs, lines: gap.lines + lost.lines, bytes: gap.bytes + lost.bytes });
  }

  #open(): number {
    setAsideUnlessFile(this.#path);
    const fd = openSync(this.#path, 'a', 0o600);
    this.#size = endWithEntry(fd, this.#path);
    if (this.#size > 0) return fd;
    // A kill came between the rename of a rotation and the mark that follows it.
    if (this.#outputBytes === null && existsSync(`${this.#path}.1`)) {
      this.#outputBytes = outputBytesIn(`${this.#path}.1`);
      this.#isUnmarked = true;
    }
    this.#outputBytes ??= 0;
    return fd;
  }

  #rotate(fd: number): number {
    this.#outputBytes ??= outputBytesIn(this.#path);
    this.#fd = null;
    closeSync(fd);
    renameSync(this.#path, `${this.#path}.1`);
    this.#isUnmarked = true;
    return (this.#fd = this.#open());
  }

  /** Throws where the disk does not take it whole: it is written before the next entry. */
  #mark(fd: number): void {
    const mark = logEntry('stdout', timestamp(), { tag: `P:from=${this.#outputBytes ?? 0}` });
    for (let done = 0; done < mark.length;) {
      try {
        done += writeSync(fd, mark, done);
      } catch (error) {
        ftruncateSync(fd, this.#size);
        throw error;
      }
    }
    this.#size += mark.length;
    this.#isUnmarked = false;
  }

  #count(outputBytes: number): void {
    if (this.#outputBytes !== null) this.#outputBytes += outputBytes;
  }
}

/** Cuts off an entry that a kill left unfinished: what is appended would be taken for the rest of it. Returns the size. */
function endWithEntry(fd: number, path: string): number {
  const { size } = fstatSync(fd);
  const reading = openSync(path, 'r');
  try {
    const tail = Buffer.alloc(Math.min(size, LONGEST_ENTRY_BYTES));
    readSync(reading, tail, 0, tail.length, size - tail.length);
    const end = size - tail.length + tail.lastIndexOf('\n') + 1;
    if (end < size) ftruncateSync(fd, end);
    return end;
  } finally {
    closeSync(reading);
  }
}

function outputBytesIn(path: string): number {
  const fd = openSync(path, 'r');
  try {
    return countOutputSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The clock may be set, or the machine may sleep, in this process's life. */
const MOST_DRIFT_MS = 100;
let originMs = performance.timeOrigin;

/** RFC 3339 with nine digits of a second, of which the clock gives six. */
function timestamp(): string {
  const sinceMs = performance.now();
  const wallMs = Date.now();
  if (Math.abs(originMs + sinceMs - wallMs) >= MOST_DRIFT_MS) originMs = wallMs - sinceMs;
  const now = originMs + sinceMs;
  const micros = String(Math.floor((now % 1) * 1000)).padStart(3, '0');
  return `${new Date(now).toISOString().slice(0, -1)}${micros}000Z`;
}
