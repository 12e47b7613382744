import { TextDecoder } from 'node:util';
import type { LogLine } from '@plimsoll/protocol';

/*
 * The CRI log format (kubelet's, containerd's and CRI-O's): `2026-11-23T22:50:01.123456789Z stdout F text\n`. Tag F ends
 * a line of the container's; P means that the line goes on in the next entry of the same stream. F:gap is the supervisor's own line, about
 * output that could not be written.
 */
const STREAM_AT = 31;
const TAG_AT = 38;
const TEXT_AT = 40;
const GAP = ':gap ';
const FULL = 'F'.charCodeAt(0);
const SPACE = ' '.charCodeAt(0);

/** Whether the entry that begins at `start` ends a line of the container's. */
export function endsLine(bytes: Buffer, start: number): boolean {
  return bytes[start + TAG_AT] === FULL;
}

/** Turns entries into lines. Of one log in order: a character may be cut between two partial entries. */
export class CriParser {
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };

  /** An entry without its newline. Null for what no supervisor wrote, such as the torn end of a log after a power cut. */
  parse(entry: Buffer): LogLine | null {
    if (entry.length < TEXT_AT || entry[STREAM_AT - 1] !== SPACE || entry[TAG_AT - 1] !== SPACE) return null;
    const stream = entry.toString('latin1', STREAM_AT, TAG_AT - 1);
    if (stream !== 'stdout' && stream !== 'stderr') return null;
    const at = entry.toString('latin1', 0, STREAM_AT - 1);
    if (entry.toString('latin1', TAG_AT + 1, TAG_AT + 1 + GAP.length) === GAP) {
      return { at, stream, text: entry.toString('utf8', TAG_AT + 1 + GAP.length), partial: false, gap: true };
    }
    const partial = !endsLine(entry, 0);
    const text = this.#decoders[stream].decode(entry.subarray(TEXT_AT), { stream: partial });
    return { at, stream, text, partial };
  }
}
