import { mapSharedPages, type SharedPages } from '../syscalls/memory.ffi.ts';

/** Nearly every program fits into one unit. */
const UNIT_BYTES = 64 * 1024;
const UNITS = 512;

/** One region for the life of the process, so that a zygote forked at any time sees every program that is loaded later. */
let region: SharedPages | undefined;
const taken = new Uint8Array(UNITS);

/** The region that programs are loaded into: its first address, and its length in bytes. */
export function arena(): { address: number; length: number } {
  region ??= mapSharedPages(UNIT_BYTES * UNITS);
  return { address: region.address, length: region.bytes.byteLength };
}

export interface Allocation extends Disposable {
  address: number;
  buffer: ArrayBuffer;
  byteOffset: number;
}

/** First fit over whole units; disposal gives them back. The content is whatever was there before. */
export function allocate(size: number): Allocation {
  const { address } = arena();
  const needed = Math.ceil(size / UNIT_BYTES);
  for (let start = 0; start + needed <= UNITS; start++) {
    const used = taken.subarray(start, start + needed).lastIndexOf(1);
    if (used >= 0) {
      start += used;
      continue;
    }
    taken.fill(1, start, start + needed);
    return {
      address: address + start * UNIT_BYTES,
      buffer: (region as SharedPages).bytes,
      byteOffset: start * UNIT_BYTES,
      [Symbol.dispose]: () => void taken.fill(0, start, start + needed),
    };
  }
  throw new RangeError(`no room for a syscall program of ${size} bytes: too many are under way at once`);
}

/** Pages of a program's own, for one that is large and stays. No zygote sees them. */
export function allocateApart(size: number): Allocation {
  const pages = mapSharedPages(size);
  return { address: pages.address, buffer: pages.bytes, byteOffset: 0, [Symbol.dispose]: () => pages[Symbol.dispose]() };
}
