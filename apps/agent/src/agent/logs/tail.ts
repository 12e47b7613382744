import type { FileHandle } from 'node:fs/promises';
import { endsLine } from '../../logs/cri-entry.ts';

const BLOCK_BYTES = 65_536;
/** Reaches from an entry's start past its tag, so that a block's last entry can be judged without the next block. */
const OVERLAP_BYTES = 64;
const NEWLINE = 0x0a;

/**
 * Where the last `lines` lines of a log begin, reading backwards; and how many there are when it has fewer. An
 * unfinished last line counts. Bytes after the last newline are an entry still being written, and belong to what follows.
 */
export async function findTail(file: FileHandle, lines: number): Promise<{ offset: number; found: number }> {
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES + OVERLAP_BYTES);
  let found = 0;
  let isLast = true;
  // Start of the entry that comes after the newline last seen.
  let following = -1;
  for (let end = size; end > 0; end -= Math.min(BLOCK_BYTES, end)) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const { bytesRead } = await file.read(buffer, 0, Math.min(size, end + OVERLAP_BYTES) - start, start);
    const bytes = buffer.subarray(0, bytesRead);
    let at = bytes.lastIndexOf(NEWLINE, end - start - 1);
    while (at !== -1 || start === 0) {
      // A newline, or the beginning of the file: an entry begins behind it, and ends before `following`.
      if (following !== -1 && (isLast || endsLine(bytes, at + 1))) {
        if (found === lines) return { offset: following, found };
        found += 1;
      }
      isLast = following === -1;
      following = start + at + 1;
      if (at === -1) break;
      at = at === 0 ? -1 : bytes.lastIndexOf(NEWLINE, at - 1);
    }
  }
  return { offset: 0, found };
}
