import { nextLine, numberAt, SPACE, startsWith } from './text.ts';

interface Key {
  /** With the space behind it. */
  bytes: Uint8Array;
  /** Index in the result. */
  which: number;
  /** The least number of bytes from the line of the key before it to its own, each value being a digit or more. */
  ahead: number;
}

/**
 * Picks values out of `key value` lines. A kernel writes the same lines in the same order each time: the order of the keys
 * is learned once, and how much text between them can be leapt over.
 */
export class FlatFile {
  readonly #keys: readonly Uint8Array[];
  /** In the file's order. */
  #known: readonly Key[] = [];
  /** Lines from the last of these on: more of them may have a key that was missing. */
  #linesLeft = -1;

  constructor(keys: readonly string[]) {
    this.#keys = keys.map((key) => Buffer.from(`${key} `, 'latin1'));
  }

  /** Values in the order of the keys; NaN for a key that is not there. */
  read(bytes: Uint8Array, start: number, end: number, into: Float64Array): void {
    let line = start;
    for (const { bytes: key, which, ahead } of this.#known) {
      if (ahead > 0) line = nextLine(bytes, line + ahead - 1, end);
      while (line < end && !startsWith(bytes, line, key)) line = nextLine(bytes, line, end);
      if (line >= end) return this.#learn(bytes, start, end, into);
      into[which] = numberAt(bytes, line + key.length);
    }
    if (this.#known.length === this.#keys.length) return;
    if (countLines(bytes, line, end) > this.#linesLeft) return this.#learn(bytes, start, end, into);
    for (let which = 0; which < this.#keys.length; which++) {
      if (!this.#known.some((key) => key.which === which)) into[which] = Number.NaN;
    }
  }

  /** The slow way, which is always right. */
  #learn(bytes: Uint8Array, start: number, end: number, into: Float64Array): void {
    into.fill(Number.NaN);
    const known: Key[] = [];
    let linesLeft = 0;
    let ahead = 0;
    for (let line = start; line < end; linesLeft++) {
      const which = this.#keys.findIndex((key) => startsWith(bytes, line, key));
      const key = this.#keys[which];
      if (key !== undefined) {
        into[which] = numberAt(bytes, line + key.length);
        known.push({ bytes: key, which, ahead });
        ahead = 0;
        linesLeft = 0;
      }
      ahead += bytes.indexOf(SPACE, line) - line + ' 0\n'.length;
      line = nextLine(bytes, line, end);
    }
    // What another cgroup lacks is not unlearned.
    if (known.length < this.#known.length) return;
    this.#known = known;
    this.#linesLeft = linesLeft;
  }
}

function countLines(bytes: Uint8Array, start: number, end: number): number {
  let lines = 0;
  for (let line = start; line < end; line = nextLine(bytes, line, end)) lines++;
  return lines;
}
