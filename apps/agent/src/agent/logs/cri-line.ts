import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import type { LogLine } from '@plimsoll/protocol';
import { timeOf, type CriEntry } from '../../logs/cri-entry.ts';

/** A byte-order mark is the container's as well. */
const decoder = (): TextDecoder => new TextDecoder('utf-8', { ignoreBOM: true });

/** Turns entries into lines. Of one log in order: a character may be cut between two partial entries. */
export class CriParser {
  readonly #decoders = { stdout: decoder(), stderr: decoder() };
  /** The last entry of a stream may have ended within a character. */
  readonly #isCut = { stdout: false, stderr: false };

  /** Null for an entry that is no line: a mark. */
  parse(entry: Buffer, parsed: CriEntry): LogLine | null {
    const { stream, isFull, isGap, text } = parsed;
    if (parsed.from !== null || parsed.at !== null) return null;
    const at = timeOf(entry);
    if (isGap) return { at, stream, text: text.toString('utf8'), partial: false, gap: true };
    // The text is exact where neither this entry nor the one before has a part of a character.
    const isWhole = isUtf8(text);
    const isExact = isWhole && !this.#isCut[stream];
    this.#isCut[stream] = !isWhole && !isFull;
    return {
      ...{ at, stream, text: this.#decoders[stream].decode(text, { stream: !isFull }), partial: !isFull },
      ...(!isExact && { bytes: text.toString('base64') }),
    };
  }
}
