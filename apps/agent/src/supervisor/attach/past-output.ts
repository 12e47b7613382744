import { closeSync, constants, fstatSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { attempt } from '@plimsoll/core/guarded';
import { outputBytesOf, parseEntry, type CriEntry } from '../../logs/cri-entry.ts';
import type { Stream } from '../log-file.ts';

const READ_BYTES = 256 * 1024;
const NEWLINE = 10;
const STREAMS = ['stdout', 'stderr'] as const;

const readAsync = promisify(read);

/** A piece of output that was recorded, or how many bytes of a stream are not there any more. */
export type PastPiece = { stream: Stream; bytes: Buffer } | { stream: Stream; lost: number };

/** The last part of a log, as it is at this moment: what is written later is none of it. */
export class PastOutput implements Disposable {
  readonly #files: { fd: number; size: number }[] = [];

  /** `path`: of the log; the older one is `PATH.1`. A file that cannot be read counts as missing. */
  constructor(path: string) {
    for (const file of [`${path}.1`, path]) {
      const isOpened = attempt(`the log ${file}`, () => {
        const fd = openIfThere(file);
        if (fd !== null) this.#files.push({ fd, size: fstatSync(fd).size });
      });
      if (!isOpened) this[Symbol.dispose]();
    }
  }

  /** The last so many bytes of each stream, in order. Past a gap in the log nothing is known: what came before it counts as lost. */
  async *last(wanted: Readonly<Record<Stream, number>>): AsyncGenerator<PastPiece> {
    if (wanted.stdout + wanted.stderr === 0) return;
    const there = { stdout: 0, stderr: 0 };
    let gaps = 0;
    for await (const entries of this.#entries()) {
      for (const entry of entries) {
        if (entry.isGap) there.stdout = there.stderr = 0;
        if (entry.isGap) gaps++;
        there[entry.stream] += outputBytesOf(entry);
      }
    }
    const skip = { stdout: 0, stderr: 0 };
    for (const stream of STREAMS) {
      skip[stream] = Math.max(0, there[stream] - wanted[stream]);
      if (wanted[stream] > there[stream]) yield { stream, lost: wanted[stream] - there[stream] };
    }
    for await (const entries of this.#entries()) {
      const pieces: { stream: Stream; parts: Buffer[] }[] = [];
      for (const entry of entries) {
        if (entry.isGap) gaps--;
        if (entry.isGap || gaps > 0) continue;
        const { stream } = entry;
        const bytes = bytesOf(entry);
        const skipped = Math.min(skip[stream], bytes.length);
        skip[stream] -= skipped;
        if (skipped === bytes.length) continue;
        if (pieces.at(-1)?.stream !== stream) pieces.push({ stream, parts: [] });
        pieces.at(-1)?.parts.push(bytes.subarray(skipped));
      }
      for (const { stream, parts } of pieces) yield { stream, bytes: Buffer.concat(parts) };
    }
  }

  /** By what one read gives. */
  async *#entries(): AsyncGenerator<CriEntry[]> {
    for (const { fd, size } of this.#files) {
      let rest = Buffer.alloc(0);
      for (let at = 0; at < size;) {
        const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, size - at));
        const { bytesRead } = await readAsync(fd, chunk, 0, chunk.length, at);
        if (bytesRead === 0) break;
        at += bytesRead;
        const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
        const end = bytes.lastIndexOf(NEWLINE) + 1;
        yield entriesIn(bytes.subarray(0, end));
        rest = bytes.subarray(end);
      }
    }
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#files.splice(0)) closeSync(fd);
  }
}

/** Null: nothing is there. O_NONBLOCK: a FIFO in its place holds up nothing. */
function openIfThere(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** `bytes` end with a newline. */
function entriesIn(bytes: Buffer): CriEntry[] {
  const entries: CriEntry[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    const entry = parseEntry(bytes.subarray(start, end));
    if (entry !== null) entries.push(entry);
    start = end + 1;
  }
  return entries;
}

function bytesOf({ isFull, text }: CriEntry): Buffer {
  return isFull ? Buffer.concat([text, Buffer.of(NEWLINE)]) : text;
}
