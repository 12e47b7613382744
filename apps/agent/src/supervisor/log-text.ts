import type { Stream } from './log-file.ts';

const NEWLINE = 10;
const FIRST_BYTES = 256 * 1024;
/** A buffer that grew larger is freed after its use. */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;
/** Shorter lines are quicker copied here than by a call each. */
const LONG_BYTES = 64;

let buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);

/** Entries of a log, as they are written: each is one line. Its bytes are valid until the next text is made: all share one buffer. */
export interface LogText {
  bytes: Buffer;
  /** Bytes of each entry before its own. */
  headLength: number;
  /** The last entry is a part of a line. */
  isUnfinished: boolean;
}

/** Output as entries: `TIME stdout F a whole line`, and `P` for a part at its end. */
export function logText(stream: Stream, time: string, output: Uint8Array): LogText {
  const [whole, part] = [headOf(time, stream, 'F'), headOf(time, stream, 'P')];
  let at = 0;
  let start = 0;
  while (start < output.length) {
    let end = start;
    const near = Math.min(output.length, start + LONG_BYTES);
    while (end < near && output[end] !== NEWLINE) end++;
    if (end === near && near < output.length) end = indexOfNewline(output, near);
    const isWhole = end < output.length;
    const length = whole.length + (end - start) + 1;
    if (at + length > buffer.length) grow(at, at + length);
    const head = isWhole ? whole : part;
    for (let i = 0; i < head.length; i++) buffer[at + i] = head[i]!;
    at += head.length;
    if (end - start < LONG_BYTES) for (let i = start; i < end; i++) buffer[at + i - start] = output[i]!;
    else buffer.set(output.subarray(start, end), at);
    at += end - start;
    buffer[at++] = NEWLINE;
    start = end + 1;
  }
  const bytes = buffer.subarray(0, at);
  if (buffer.length > MOST_KEPT_BYTES) buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  return { bytes, headLength: whole.length, isUnfinished: output.length > 0 && output.at(-1) !== NEWLINE };
}

type LogTag = 'F' | 'P' | 'F:gap' | 'F:end' | `P:from=${number}` | `P:at=${number},${number}`;

/** An entry of its own, with any tag. */
export function logEntry(stream: Stream, time: string, { tag, line = '' }: { tag: LogTag; line?: string }): Buffer {
  return Buffer.concat([headOf(time, stream, tag), Buffer.from(`${line}\n`)]);
}

/** Lines and bytes of the output that a text has from byte `from` on, where an entry begins. */
export function outputIn({ bytes, headLength, isUnfinished }: LogText, from: number): { lines: number; bytes: number } {
  let entries = 0;
  for (let at = from; at < bytes.length; at = bytes.indexOf(NEWLINE, at) + 1) entries++;
  const parts = entries > 0 && isUnfinished ? 1 : 0;
  return { lines: entries - parts, bytes: bytes.length - from - entries * headLength - parts };
}

/** The number of entries in the first `length` bytes of a text, and where the last of them ends. */
export function wholeEntries(bytes: Buffer, length: number): { entries: number; end: number } {
  let [entries, end] = [0, 0];
  for (let next = bytes.indexOf(NEWLINE); next >= 0 && next < length; next = bytes.indexOf(NEWLINE, end)) {
    entries++;
    end = next + 1;
  }
  return { entries, end };
}

function headOf(time: string, stream: Stream, tag: LogTag): Buffer {
  return Buffer.from(`${time} ${stream} ${tag} `);
}

function indexOfNewline(output: Uint8Array, from: number): number {
  const found = output.indexOf(NEWLINE, from);
  return found < 0 ? output.length : found;
}

function grow(used: number, needed: number): void {
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * buffer.length));
  buffer.copy(larger, 0, 0, used);
  buffer = larger;
}
