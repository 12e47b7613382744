/**
 * Readers of cgroup files that work on the bytes as the kernel wrote them: no strings are made on the sampler's path. A
 * file's content is `bytes` from `start` to `end`, and ends with a newline.
 */

export const NEWLINE = 10;
export const SPACE = 32;
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
  while (isDigit(bytes[end])) end++;
  return end - start <= 15
    ? BigInt(numberAt(bytes, start))
    : BigInt(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1'));
}

/** Above any limit that can be set: v1 writes a page less than 2^63 where there is none. */
const ENDLESS = 2 ** 62;

/** A limit; NaN where there is none: `max`, or v1's largest number. */
export function limitAt(bytes: Uint8Array, start: number): number {
  if (!isDigit(bytes[start])) return Number.NaN;
  const value = numberAt(bytes, start);
  return value >= ENDLESS ? Number.NaN : value;
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

export function startsWith(bytes: Uint8Array, at: number, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}

/** The first byte after the line that `start` is in. */
export function nextLine(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i] !== NEWLINE) i++;
  return i + 1;
}
