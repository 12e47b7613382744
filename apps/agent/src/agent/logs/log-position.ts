import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogLine } from '@plimsoll/protocol';
import { outputBytesOf, parseEntry } from '../../logs/cri-entry.ts';
import { countOutput } from '../../logs/count-output.ts';
import type { CriParser } from './cri-line.ts';
import { overwritten } from './overwritten.ts';
import { findTail } from './tail.ts';

const READ_BYTES = 65_536;
/** An entry is at most a few pages; what grows past this without a newline is no log. */
const LONGEST_ENTRY_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** A place in the sequence of a container's log files. The open file is what it holds on to, whatever its name becomes. */
export class LogPosition implements AsyncDisposable {
  readonly #current: string;
  readonly #older: string;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  #file: FileHandle | null = null;
  #offset = 0;
  /** Bytes of an entry whose newline has not been read yet. */
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** Output before this place, since the log began. Null: it is not known. */
  #outputBytes: number | null = 0;
  /** Where the last file ended, once another one is begun. */
  #endedAt: { outputBytes: number; time: string } | null = null;
  #lastTime = '';
  /** Whether the last read found anything. */
  moved = false;

  constructor(directory: string) {
    this.#current = join(directory, 'log');
    this.#older = join(directory, 'log.1');
  }

  async begin(tail: number | undefined): Promise<void> {
    this.#file = (await openIfThere(this.#older)) ?? (await openIfThere(this.#current));
    if (tail === undefined || this.#file === null) return;
    // Reading begins somewhere in the middle.
    this.#outputBytes = null;
    const current = (await openIfThere(this.#current)) ?? (await openIfThere(this.#older));
    if (current === null) return;
    const inCurrent = await findTail(current, tail);
    if (inCurrent.found < tail && !(await sameFile(this.#file, current))) {
      this.#offset = (await findTail(this.#file, tail - inCurrent.found)).offset;
      await current.close();
    } else {
      await this.#file.close();
      this.#file = current;
      this.#offset = inCurrent.offset;
    }
  }

  async read(parser: CriParser): Promise<LogLine[]> {
    const { bytesRead } = (await this.#file?.read(this.#buffer, 0, READ_BYTES, this.#offset)) ?? { bytesRead: 0 };
    this.moved = bytesRead > 0;
    this.#offset += bytesRead;
    return this.#split(this.#buffer.subarray(0, bytesRead), parser);
  }

  #split(bytes: Buffer, parser: CriParser): LogLine[] {
    const lines: LogLine[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      const part = bytes.subarray(start, end);
      this.#take(this.#rest.length === 0 ? part : Buffer.concat([...this.#rest, part]), parser, lines);
      this.#rest = [];
      this.#restBytes = 0;
      start = end + 1;
    }
    if (start < bytes.length && this.#restBytes < LONGEST_ENTRY_BYTES) {
      this.#restBytes += bytes.length - start;
      this.#rest.push(Buffer.from(bytes.subarray(start)));
    }
    return lines;
  }

  #take(entry: Buffer, parser: CriParser, lines: LogLine[]): void {
    const parsed = parseEntry(entry);
    if (parsed === null) return;
    const lost = this.#lostBefore(parsed.from);
    if (lost !== null) lines.push(lost);
    if (parsed.from !== null) this.#outputBytes = parsed.from;
    else if (this.#outputBytes !== null) this.#outputBytes += outputBytesOf(parsed);
    const line = parser.parse(entry, parsed);
    if (line === null) return;
    this.#lastTime = line.at;
    lines.push(line);
  }

  /** At the first entry of another file, which `from` begins: what was written between it and the last one. */
  #lostBefore(from: number | null): LogLine | null {
    const before = this.#endedAt;
    this.#endedAt = null;
    if (before === null || from === null || from <= before.outputBytes) return null;
    return overwritten(before.time, from - before.outputBytes);
  }

  /** At the end of a file: whether there is more to read after all, in it or in the one that follows it. */
  async next(): Promise<boolean> {
    const following = await this.#following();
    // Its writer may have added to it between the last read and the rename that was just seen.
    if (this.#file !== null && this.#offset < (await this.#file.stat()).size) {
      await following?.close();
      return true;
    }
    if (following === null) return false;
    if (this.#file !== null) {
      const outputBytes = this.#outputBytes ?? (await countOutput(this.#file));
      this.#endedAt = { outputBytes, time: this.#lastTime };
    }
    this.#outputBytes = null;
    await this.#file?.close();
    this.#file = following;
    this.#offset = 0;
    this.#rest = [];
    this.#restBytes = 0;
    return true;
  }

  async #following(): Promise<FileHandle | null> {
    if (this.#file === null) return (await openIfThere(this.#older)) ?? (await openIfThere(this.#current));
    const own = (await this.#file.stat({ bigint: true })).ino;
    const current = await inodeOf(this.#current);
    if (current === own || current === null) return null;
    const older = await inodeOf(this.#older);
    // Rotated twice since: the file between the one that was read and the newest is now the older one.
    return await openIfThere(older === null || older === own ? this.#current : this.#older);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    // A directory or a FIFO in its place.
    await file.close();
    return null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function inodeOf(path: string): Promise<bigint | null> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function sameFile(a: FileHandle, b: FileHandle): Promise<boolean> {
  return (await a.stat({ bigint: true })).ino === (await b.stat({ bigint: true })).ino;
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
