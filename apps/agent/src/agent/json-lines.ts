const NEWLINE = 0x0a;

/** Cuts a byte stream into lines without ever holding more than one unfinished line, of at most `maxBytes`. */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #held = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that this chunk completes. Throws a RangeError once a line is longer than allowed. */
  *push(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#hold(chunk.subarray(start, end));
      start = end + 1;
      const line = Buffer.concat(this.#parts).toString();
      this.#parts = [];
      this.#held = 0;
      yield line;
    }
    this.#hold(chunk.subarray(start));
  }

  #hold(part: Buffer): void {
    this.#held += part.length;
    if (this.#held > this.#maxBytes) throw new RangeError(`a line longer than ${this.#maxBytes} bytes`);
    if (part.length > 0) this.#parts.push(part);
  }
}
