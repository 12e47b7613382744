import { MAX_LINE_BYTES } from './protocol.ts';

const NEWLINE = 10;
const FIRST_BYTES = 4096;
/** Of all connections together: a line of the greatest length from several at once. */
export const MOST_UNFINISHED_BYTES = 8 * MAX_LINE_BYTES;

let heldBytes = 0;

/** Of all connections together, as they take memory. */
export function unfinishedBytes(): number {
  return heldBytes;
}

/** Cuts what one connection sends into lines. All connections together hold a bounded amount of unfinished ones. */
export class RequestLines implements Disposable {
  readonly #take: (line: string) => void;
  #held = Buffer.alloc(0);
  #length = 0;

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  /** False: the line is too long, or all connections have too many bytes without an end. The connection is to be closed. */
  push(chunk: Buffer): boolean {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const rest = chunk.subarray(start, end);
      const line = this.#length === 0 ? rest : Buffer.concat([this.#held.subarray(0, this.#length), rest]);
      this[Symbol.dispose]();
      this.#take(line.toString('utf8'));
      start = end + 1;
    }
    return this.#hold(chunk.subarray(start));
  }

  #hold(part: Buffer): boolean {
    const length = this.#length + part.length;
    if (length > MAX_LINE_BYTES) return false;
    if (length > this.#held.length) {
      const larger = Math.max(FIRST_BYTES, length, Math.min(2 * this.#held.length, MAX_LINE_BYTES));
      if (heldBytes + larger - this.#held.length > MOST_UNFINISHED_BYTES) return false;
      heldBytes += larger - this.#held.length;
      const grown = Buffer.allocUnsafeSlow(larger);
      this.#held.copy(grown, 0, 0, this.#length);
      this.#held = grown;
    }
    part.copy(this.#held, this.#length);
    this.#length = length;
    return true;
  }

  /** Drops an unfinished line. */
  [Symbol.dispose](): void {
    heldBytes -= this.#held.length;
    this.#held = Buffer.alloc(0);
    this.#length = 0;
  }
}
