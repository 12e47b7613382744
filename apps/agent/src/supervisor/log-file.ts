import { closeSync, fstatSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
import { writeFailure, type DiskFailure } from '../disk-failure.ts';
import { countOutputSync } from '../logs/count-output.ts';
import { gapInWords, type GapRecord } from './log-gap.ts';
import { logEntry, logText, outputIn, wholeEntries, type LogText } from './log-text.ts';
import { setAsideUnlessFile } from '../stores/set-aside.ts';

/** Past this a log becomes `log.1`, and the one before that is gone: a container's output takes at most twice as much. */
const ROTATE_AT_BYTES = 16 * 1024 * 1024;
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
 * Each file but the first begins with `… stdout P:from=16776960 `: so many bytes of output were recorded before it.
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
  /** Streams whose last entry was a part of a line. */
  readonly #unfinished = new Set<Stream>();
  #againAt = 0;
  #failure: DiskFailure = 'full';

  constructor(path: string, gap: GapRecord) {
    this.#path = path;
    this.#gap = gap;
    this.#retry = gap.onRetry(() => void this.#endGap());
  }

  /** Appends what was read at one time, and returns the size of its entries. The bytes are kept as they are, valid UTF-8 or not. */
  append(stream: Stream, bytes: Uint8Array): number {
    const text = logText(stream, timestamp(), bytes);
    const gap = this.#gap.get();
    const isTooEarly = gap !== null && performance.now() < this.#againAt;
    if (isTooEarly || !this.#endGap()) this.#lose(text, 0);
    else this.#writeOutput(stream, text, bytes.length);
    return text.bytes.length;
  }

  [Symbol.dispose](): void {
    this.#retry[Symbol.dispose]();
    this.#endGap();
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  /** `outputBytes`: in the text. */
  #writeOutput(stream: Stream, text: LogText, outputBytes: number): void {
    if (text.bytes.length === 0) return;
    const end = this.#writeEntries(text.bytes);
    this.#count(end === text.bytes.length ? outputBytes : outputBytes - outputIn(text, end).bytes);
    if (end === text.bytes.length && text.isUnfinished) this.#unfinished.add(stream);
    else if (end > 0) this.#unfinished.delete(stream);
    if (end < text.bytes.length) this.#lose(text, end);
  }

  /** Writes the entry of the gap, where there is one. It stands in a line of its own. False: the disk takes none. */
  #endGap(): boolean {
    const gap = this.#gap.get();
    if (gap === null) return true;
    const time = timestamp();
    const unfinished = [...this.#unfinished];
    const ends = unfinished.map((stream) => logEntry(stream, time, { tag: 'F' }));
    const text = Buffer.concat([...ends, logEntry('stderr', time, { tag: 'F:gap', line: gapInWords(gap) })]);
    const { entries } = wholeEntries(text, this.#writeEntries(text));
    // Each of these is a newline to a reader.
    this.#count(Math.min(entries, ends.length));
    for (const stream of unfinished.slice(0, entries)) this.#unfinished.delete(stream);
    if (entries <= ends.length) return false;
    this.#gap.set(null);
    return true;
  }

  /** How much of the text is in the file, in whole entries. */
  #writeEntries(text: Buffer): number {
    let done = 0;
    try {
      let fd = (this.#fd ??= this.#open());
      if (this.#size > 0 && this.#size + text.length > ROTATE_AT_BYTES) fd = this.#rotate(fd);
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
    this.#size = fstatSync(fd).size;
    if (this.#size === 0) this.#outputBytes ??= 0;
    return fd;
  }

  #rotate(fd: number): number {
    this.#outputBytes ??= outputBytesIn(this.#path);
    this.#fd = null;
    closeSync(fd);
    renameSync(this.#path, `${this.#path}.1`);
    const begun = (this.#fd = this.#open());
    this.#size += writeSync(begun, logEntry('stdout', timestamp(), { tag: `P:from=${this.#outputBytes}` }));
    return begun;
  }

  #count(outputBytes: number): void {
    if (this.#outputBytes !== null) this.#outputBytes += outputBytes;
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
