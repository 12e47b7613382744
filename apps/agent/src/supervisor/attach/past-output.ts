import { closeSync, constants, fstatSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { attempt } from '@plimsoll/core/guarded';
import { parseEntry, type CriEntry, type StreamPosition } from '../../logs/cri-entry.ts';
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

  /**
   * What was read of each stream of the run that is attended, from `from` on up to `to`, in order. The marks in the log say where each entry is; what
   * no entry has is lost.
   */
  async *between(from: StreamPosition, to: StreamPosition): AsyncGenerator<PastPiece> {
    const next = { ...from };
    if (STREAMS.every((stream) => next[stream] >= to[stream])) return;
    const at: { known: StreamPosition | null } = { known: null };
    for await (const entries of this.#entries()) yield* piecesOf(entries, at, next);
    for (const stream of STREAMS) if (next[stream] < to[stream]) yield { stream, lost: to[stream] - next[stream] };
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

/** The pieces of one read; neighbours of one stream are one. `at`: where the next entry is; `next`: what is wanted next of each stream. */
function piecesOf(entries: readonly CriEntry[], at: { known: StreamPosition | null }, next: StreamPosition): PastPiece[] {
  const pieces: { stream: Stream; parts: Buffer[] }[] = [];
  const lost: PastPiece[] = [];
  for (const entry of entries) {
    if (entry.at !== null) at.known = { ...entry.at };
    if (entry.at !== null || entry.from !== null || entry.isGap || entry.isAdded || at.known === null) continue;
    const { stream } = entry;
    const bytes = bytesOf(entry);
    const begins = at.known[stream];
    at.known[stream] += bytes.length;
    if (at.known[stream] <= next[stream]) continue;
    if (begins > next[stream]) lost.push({ stream, lost: begins - next[stream] });
    const skipped = Math.max(0, next[stream] - begins);
    next[stream] = at.known[stream];
    if (pieces.at(-1)?.stream !== stream) pieces.push({ stream, parts: [] });
    pieces.at(-1)?.parts.push(bytes.subarray(skipped));
  }
  return [...lost, ...pieces.map(({ stream, parts }) => ({ stream, bytes: Buffer.concat(parts) }))];
}

function bytesOf({ isFull, text }: CriEntry): Buffer {
  return isFull ? Buffer.concat([text, Buffer.of(NEWLINE)]) : text;
}
