import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { FALLOC, MFD, SEEK_DATA } from '../abi/memfd.ts';
import { or } from '../abi/flags.ts';
import { call, tryCall } from '../program/call.ts';
import { END_RECORD, HEADER, HEADER_MAGIC, KEEPER_NAME, KEEPER_VERSION, type EndTime } from './format.ts';

const READ_BYTES = 64 * 1024;
const NS = 1_000_000_000n;

/** The version that stands in a keeper's header. */
interface KeeperVersion {
  major: number;
  minor: number;
}

/** A new log of ends, with its header; the keeper writes behind it, through this very file description. */
export function makeEndLog(owner: string): number {
  const fd = call("make the keeper's log", 'memfd_create', KEEPER_NAME, or(MFD, 'MFD_CLOEXEC'));
  const name = Buffer.from(owner);
  const header = Buffer.alloc(HEADER.size);
  header.write(HEADER_MAGIC, HEADER.magic, 'latin1');
  header.writeUInt16LE(KEEPER_VERSION.major, HEADER.major);
  header.writeUInt16LE(KEEPER_VERSION.minor, HEADER.minor);
  header.writeUInt32LE(END_RECORD.size, HEADER.recordBytes);
  header.writeUInt32LE(name.length, HEADER.ownerBytes);
  if (HEADER.owner + name.copy(header, HEADER.owner) < HEADER.owner + name.length) throw new RangeError(`too long: ${owner}`);
  writeSync(fd, header);
  return fd;
}

/** Whose log it is, and of which version. Null: it is none. */
export function readHeader(fd: number): { owner: string; version: KeeperVersion } | null {
  const header = Buffer.alloc(HEADER.size);
  if (readSync(fd, header, 0, header.length, 0) < header.length) return null;
  if (header.toString('latin1', HEADER.magic, HEADER.magic + HEADER_MAGIC.length) !== HEADER_MAGIC) return null;
  const length = header.readUInt32LE(HEADER.ownerBytes);
  if (length > HEADER.size - HEADER.owner) return null;
  const version = { major: header.readUInt16LE(HEADER.major), minor: header.readUInt16LE(HEADER.minor) };
  return { owner: header.toString('utf8', HEADER.owner, HEADER.owner + length), version };
}

/** Reads a keeper's log from where it was read last. */
export class EndLog implements Disposable {
  readonly #keepers: number;
  readonly #fd: number;
  #at: number = HEADER.size;
  #purgedTo: number = HEADER.size;
  readonly #ends = new Map<bigint, { time: EndTime; at: number }>();

  /** `fd` stays the caller's. */
  constructor(fd: number) {
    this.#keepers = fd;
    // A description of its own: to seek in the keeper's would move the place that the keeper writes to.
    this.#fd = openSync(`/proc/self/fd/${fd}`, 'r');
    // What was purged is a hole, which may be long.
    const first = tryCall('lseek', this.#fd, HEADER.size, SEEK_DATA);
    if (first > HEADER.size) this.#at = first - (first % END_RECORD.size);
  }

  /** When the process with that key ended. Null: the keeper has not seen it end. */
  get(key: bigint): EndTime | null {
    if (!this.#ends.has(key)) this.#read();
    return this.#ends.get(key)?.time ?? null;
  }

  /** Frees the memory of all records before the first one that is still needed. */
  purge(isNeeded: (key: bigint) => boolean): void {
    this.#read();
    let end = this.#at;
    for (const [key, { at }] of this.#ends) {
      if (isNeeded(key)) end = Math.min(end, at);
      else this.#ends.delete(key);
    }
    if (end === this.#purgedTo) return;
    const how = or(FALLOC, 'FALLOC_FL_PUNCH_HOLE', 'FALLOC_FL_KEEP_SIZE');
    tryCall('fallocate', this.#keepers, how, this.#purgedTo, end - this.#purgedTo);
    this.#purgedTo = end;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #read(): void {
    const buffer = Buffer.alloc(READ_BYTES);
    for (;;) {
      const length = readSync(this.#fd, buffer, 0, buffer.length, this.#at);
      const whole = length - (length % END_RECORD.size);
      for (let offset = 0; offset < whole; offset += END_RECORD.size) {
        const key = buffer.readBigUInt64LE(offset + END_RECORD.key);
        const time = {
          realtimeNs: timeAt(buffer, offset + END_RECORD.realtime),
          monotonicNs: timeAt(buffer, offset + END_RECORD.monotonic),
        };
        if (key !== 0n && !this.#ends.has(key)) this.#ends.set(key, { time, at: this.#at + offset });
      }
      this.#at += whole;
      if (whole < buffer.length) return;
    }
  }
}

/** A struct timespec, in ns. */
function timeAt(buffer: Buffer, offset: number): bigint {
  return buffer.readBigUInt64LE(offset + END_RECORD.seconds) * NS + buffer.readBigUInt64LE(offset + END_RECORD.nanoseconds);
}
