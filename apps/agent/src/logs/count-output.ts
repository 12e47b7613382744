import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { outputBytesOf, parseEntry } from './cri-entry.ts';

const READ_BYTES = 256 * 1024;
const NEWLINE = 10;

/** Bytes of output up to the end of a log file, since its log began. A file that does not say where it begins counts as the log's first. */
export async function countOutput(file: Pick<FileHandle, 'read'>): Promise<number> {
  const counter = new OutputCounter();
  for (let at = 0; ;) {
    const chunk = Buffer.allocUnsafe(READ_BYTES);
    const { bytesRead } = await file.read(chunk, 0, READ_BYTES, at);
    if (bytesRead === 0) return counter.bytes;
    at += bytesRead;
    counter.add(chunk.subarray(0, bytesRead));
  }
}

/** The same, at once. */
export function countOutputSync(fd: number): number {
  const counter = new OutputCounter();
  for (let at = 0; ;) {
    const chunk = Buffer.allocUnsafe(READ_BYTES);
    const bytesRead = readSync(fd, chunk, 0, READ_BYTES, at);
    if (bytesRead === 0) return counter.bytes;
    at += bytesRead;
    counter.add(chunk.subarray(0, bytesRead));
  }
}

class OutputCounter {
  bytes = 0;
  #rest = Buffer.alloc(0);

  add(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      const entry = parseEntry(bytes.subarray(start, end));
      if (entry !== null) this.bytes = (entry.from ?? this.bytes) + outputBytesOf(entry);
      start = end + 1;
    }
    this.#rest = bytes.subarray(start);
  }
}
