/** Readers of cgroup files that work on the bytes as the kernel wrote them: no strings are made on the sampler's path. */

const NEWLINE = 10;
const SPACE = 32;
const ZERO = 48;
const NINE = 57;

/** Digits from `start` on. Exact up to 2^53. */
export function numberAt(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let i = start; ; i++) {
    const byte = bytes[i];
    if (byte === undefined || byte < ZERO || byte > NINE) return value;
    value = value * 10 + (byte - ZERO);
  }
}

/** The same without a limit: a cpu counter passes 2^53 ns after 104 cpu-days. */
export function bigintAt(bytes: Uint8Array, start: number): bigint {
  let end = start;
  while ((bytes[end] ?? 0) >= ZERO && (bytes[end] ?? 0) <= NINE) end++;
  return end - start <= 15
    ? BigInt(numberAt(bytes, start))
    : BigInt(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1'));
}

/**
 * Picks values out of `key value` lines. A kernel writes the same lines in the same order each time, so each key's line
 * number is learned once and only checked afterwards.
 */
export class FlatFile {
  readonly #keys: readonly Uint8Array[];
  readonly #lines: number[];

  constructor(keys: readonly string[]) {
    this.#keys = keys.map((key) => Buffer.from(`${key} `, 'latin1'));
    this.#lines = keys.map(() => -1);
  }

  /** Values in the order of the keys; NaN for a key that is not there. */
  read(bytes: Uint8Array, into: Float64Array): void {
    into.fill(Number.NaN);
    let missing = this.#keys.length;
    let line = 0;
    for (let start = 0; start < bytes.length && missing > 0; line++) {
      const which = this.#lines.indexOf(line);
      const key = this.#keys[which];
      if (key !== undefined && startsWith(bytes, start, key)) {
        into[which] = numberAt(bytes, start + key.length);
        missing--;
      } else if (key !== undefined || this.#lines.includes(-1)) {
        this.#learn(bytes, start, line);
      }
      start = bytes.indexOf(NEWLINE, start) + 1;
      if (start === 0) break;
    }
    // A first reading learns; only then is it known where to look.
    if (missing > 0 && !this.#settled) {
      this.#settled = true;
      this.read(bytes, into);
    }
  }

  #settled = false;

  #learn(bytes: Uint8Array, start: number, line: number): void {
    const which = this.#keys.findIndex((key) => startsWith(bytes, start, key));
    if (which >= 0) this.#lines[which] = line;
  }
}

/** Sums v1 blkio lines, `254:0 Read 4096`, over devices: reads into [0], writes into [1]. */
export function blkioSums(bytes: Uint8Array, into: Float64Array): void {
  into.fill(0);
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(SPACE, start);
    if (space < 0) return;
    const operation = bytes[space + 1];
    const value = bytes.indexOf(SPACE, space + 1);
    // 'Read' and 'Write'; 'Sync', 'Async', 'Discard' and 'Total' tell the same bytes again, or none of ours.
    if (value > 0 && operation === 82) into[0] = (into[0] ?? 0) + numberAt(bytes, value + 1);
    if (value > 0 && operation === 87) into[1] = (into[1] ?? 0) + numberAt(bytes, value + 1);
    start = bytes.indexOf(NEWLINE, start) + 1;
    if (start === 0) return;
  }
}

const IO_STAT_KEYS = ['rbytes=', 'wbytes=', 'rios=', 'wios='].map((key) => Buffer.from(key, 'latin1'));

/** Sums v2 io.stat lines, `254:0 rbytes=1 wbytes=2 rios=3 wios=4 …`, over devices, in that order. */
export function ioStatSums(bytes: Uint8Array, into: Float64Array): void {
  into.fill(0);
  for (let i = 0; i >= 0 && i < bytes.length;) {
    const which = IO_STAT_KEYS.findIndex((key) => startsWith(bytes, i, key));
    const key = IO_STAT_KEYS[which];
    if (key !== undefined) into[which] = (into[which] ?? 0) + numberAt(bytes, i + key.length);
    while (i < bytes.length && bytes[i] !== SPACE && bytes[i] !== NEWLINE) i++;
    i++;
  }
}

function startsWith(bytes: Uint8Array, at: number, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}
