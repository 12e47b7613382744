import { closeSync, fstatSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
import { writeFailure, type DiskFailure } from '../disk-failure.ts';
import { setAsideUnlessFile } from '../stores/set-aside.ts';
import { gapInWords, type Gap, type GapRecord } from './log-gap.ts';

/** Past this a log becomes `log.1`, and the one before that is gone: a container's output takes at most twice as much. */
const ROTATE_AT_BYTES = 16 * 1024 * 1024;
/** After a write that failed nothing is written for so long. */
const AGAIN_MS = 1000;
const NEWLINE = 10;

export type Stream = 'stdout' | 'stderr';

/** One entry of the log. */
interface Entry {
  stream: Stream;
  head: Uint8Array;
  line: Uint8Array;
  endsLine: boolean;
}

/**
 * A container's output, both streams in the order that they were read, in the format of Kubernetes' CRI:
 *
 *   2026-01-31T23:59:59.123456000Z stdout F a whole line
 *   2026-01-31T23:59:59.223456000Z stderr P a part, whose line goes on in this stream's next entry
 *   2026-01-31T23:59:59.323456000Z stderr F:gap 12 lines (340 bytes) were not recorded from … to …: the disk was full
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
  /** Streams whose last entry was a part of a line. */
  readonly #unfinished = new Set<Stream>();
  #againAt = 0;

  constructor(path: string, gap: GapRecord) {
    this.#path = path;
    this.#gap = gap;
    this.#retry = gap.onRetry(() => this.#write([]));
  }

  /** Appends what was read at one time. The bytes are kept as they are, valid UTF-8 or not. */
  append(stream: Stream, bytes: Uint8Array): void {
    const entries = entriesOf(stream, bytes);
    if (this.#gap.get() !== null && performance.now() < this.#againAt) this.#lose(entries, this.#gap.get()?.why ?? 'full');
    else this.#write(entries);
  }

  [Symbol.dispose](): void {
    this.#retry[Symbol.dispose]();
    this.#write([]);
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #write(output: readonly Entry[]): void {
    const gap = this.#gap.get();
    const before = gap === null ? [] : this.#gapEntries(gap);
    const entries = [...before, ...output];
    if (entries.length === 0) return;
    const { written, failure } = this.#writeEntries(entries);
    for (const { stream, endsLine } of entries.slice(0, written)) {
      if (endsLine) this.#unfinished.delete(stream);
      else this.#unfinished.add(stream);
    }
    if (gap !== null && written >= before.length) this.#gap.set(null);
    if (failure === null) return;
    this.#againAt = performance.now() + AGAIN_MS;
    this.#lose(output.slice(Math.max(0, written - before.length)), failure);
  }

  /** How many of them are in the file, whole, and why not all. */
  #writeEntries(entries: readonly Entry[]): { written: number; failure: DiskFailure | null } {
    const text = Buffer.concat(entries.flatMap(({ head, line }) => [head, line, LINE_END]));
    let done = 0;
    try {
      let fd = (this.#fd ??= this.#open());
      if (this.#size > 0 && this.#size + text.length > ROTATE_AT_BYTES) fd = this.#rotate(fd);
      while (done < text.length) done += writeSync(fd, text, done);
      this.#size += text.length;
      return { written: entries.length, failure: null };
    } catch (error) {
      const failure = writeFailure(error);
      if (failure === null) throw error;
      let length = 0;
      let written = 0;
      for (const entry of entries) {
        if (length + lengthOf(entry) > done) break;
        length += lengthOf(entry);
        written++;
      }
      // What is left of an entry would be read as the beginning of the next.
      if (this.#fd !== null && done > 0) {
        this.#size = fstatSync(this.#fd).size - (done - length);
        ftruncateSync(this.#fd, this.#size);
      }
      return { written, failure };
    }
  }

  #lose(entries: readonly Entry[], why: DiskFailure): void {
    if (entries.length === 0) return;
    const toMs = Date.now();
    const gap = this.#gap.get() ?? { fromMs: toMs, toMs, lines: 0, bytes: 0, why };
    const lines = entries.filter(({ endsLine }) => endsLine).length;
    const bytes = entries.reduce((sum, { line, endsLine }) => sum + line.length + (endsLine ? 1 : 0), 0);
    this.#gap.set({ ...gap, toMs, lines: gap.lines + lines, bytes: gap.bytes + bytes });
  }

  /** It stands in a line of its own. */
  #gapEntries(gap: Gap): Entry[] {
    const ends = [...this.#unfinished].map((stream) => ({
      stream,
      head: headOf(stream, 'F'),
      line: Buffer.alloc(0),
      endsLine: true,
    }));
    const line = Buffer.from(gapInWords(gap));
    return [...ends, { stream: 'stderr', head: headOf('stderr', 'F:gap'), line, endsLine: true }];
  }

  #open(): number {
    setAsideUnlessFile(this.#path);
    const fd = openSync(this.#path, 'a', 0o640);
    this.#size = fstatSync(fd).size;
    return fd;
  }

  #rotate(fd: number): number {
    this.#fd = null;
    closeSync(fd);
    renameSync(this.#path, `${this.#path}.1`);
    return (this.#fd = this.#open());
  }
}

const LINE_END = Buffer.from('\n');

function entriesOf(stream: Stream, bytes: Uint8Array): Entry[] {
  const [whole, part] = [headOf(stream, 'F'), headOf(stream, 'P')];
  const entries: Entry[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    const endsLine = newline >= 0;
    entries.push({ stream, head: endsLine ? whole : part, line: bytes.subarray(start, end), endsLine });
    start = end + 1;
  }
  return entries;
}

function headOf(stream: Stream, tag: 'F' | 'P' | 'F:gap'): Uint8Array {
  return Buffer.from(`${timestamp()} ${stream} ${tag} `);
}

function lengthOf({ head, line }: Entry): number {
  return head.length + line.length + LINE_END.length;
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
