import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import type { LogLine } from '@plimsoll/protocol';
import { timeOf, type CriEntry } from '../../logs/cri-entry.ts';

/** A byte-order mark is the container's as well. */
const decoder = (): TextDecoder => new TextDecoder('utf-8', { ignoreBOM: true });

/** Turns entries into lines. Of one log in order: a character may be cut between two partial entries. */
export class CriParser {
  readonly #decoders = { stdout: decoder(), stderr: decoder() };

  /** Null for an entry that is no line: the mark at the beginning of a file. */
  parse(entry: Buffer, parsed: CriEntry): LogLine | null {
    const { stream, isFull, isGap, from, text } = parsed;
    if (from !== null) return null;
    const at = timeOf(entry);
    if (isGap) return { at, stream, text: text.toString('utf8'), partial: false, gap: true };
    return {
      ...{ at, stream, text: this.#decoders[stream].decode(text, { stream: !isFull }), partial: !isFull },
      // A part of a character, too.
      ...(!isUtf8(text) && { bytes: text.toString('base64') }),
    };
  }
}
