/**
 * What a keeper and the supervisors that come after its own agree on. A reader takes any minor version of its major one; it leaves
 * what it does not know. Numbers are little-endian; the clocks' are nanoseconds.
 */
export const KEEPER_VERSION = { major: 1, minor: 1 } as const;

/** The kernel's name of a keeper (comm), by which it is found; 15 bytes are the most. */
export const KEEPER_NAME = 'plimsoll-keeper';

/** The descriptors of a keeper, and what lies behind them. It has no others. */
export const KEPT_DESCRIPTORS = {
  /** Receiving end of the queue: a unix socket (SOCK_SEQPACKET) whose messages hold one pidfd each, or, from version 1.1 on, a FIFO. */
  queue: 0,
  /** Its sending end. */
  send: 1,
  /** The epoll instance that it waits in; each pidfd is registered there with the key of its message. */
  epoll: 2,
  /** A memfd: a header, then a record for each process that has ended, in that order. */
  ends: 3,
} as const;

/** The header of the memfd. `owner`: whose keeper it is, UTF-8, in the rest of it. */
export const HEADER = { size: 4096, magic: 0, major: 8, minor: 10, recordBytes: 12, ownerBytes: 16, owner: 32 } as const;
export const HEADER_MAGIC = 'PLIMKEEP';

/** A record. Zero where its key is: it is none. The epoll event lies so that its data, the key, is at 8 on every architecture. */
export const END_RECORD = { size: 64, key: 8, realtime: 16, monotonic: 32, seconds: 0, nanoseconds: 8 } as const;

/** A message; the rest of it is the note. `ended…`: 0 where the keeper before this had not seen it end. */
export const MESSAGE = {
  headerBytes: 40,
  mostBytes: 4096,
  magic: 0,
  major: 4,
  minor: 6,
  key: 8,
  endedRealtime: 16,
  endedMonotonic: 24,
} as const;
const MESSAGE_MAGIC = 0x504c_494d;

/** When a process ended, by both clocks: ns since 1970, and CLOCK_MONOTONIC. */
export interface EndTime {
  realtimeNs: bigint;
  monotonicNs: bigint;
}

/** What is kept of one process beside its pidfd; of a FIFO the key alone. */
export interface Entry {
  /** Names it within this boot. Never 0. */
  key: bigint;
  /** Whatever its supervisor wants to find again. */
  note: string;
  /** As an earlier keeper saw it. */
  ended: EndTime | null;
}

export function encodeMessage({ key, note, ended }: Entry): Uint8Array {
  const text = Buffer.from(note);
  const message = Buffer.alloc(MESSAGE.headerBytes + text.length);
  if (message.length > MESSAGE.mostBytes) throw new RangeError(`a note of ${text.length} bytes is too long for a keeper`);
  message.writeUInt32LE(MESSAGE_MAGIC, MESSAGE.magic);
  message.writeUInt16LE(KEEPER_VERSION.major, MESSAGE.major);
  message.writeUInt16LE(KEEPER_VERSION.minor, MESSAGE.minor);
  message.writeBigUInt64LE(key, MESSAGE.key);
  message.writeBigUInt64LE(ended?.realtimeNs ?? 0n, MESSAGE.endedRealtime);
  message.writeBigUInt64LE(ended?.monotonicNs ?? 0n, MESSAGE.endedMonotonic);
  text.copy(message, MESSAGE.headerBytes);
  return message;
}

/** Null: it is no message that this version can read. */
export function decodeMessage(bytes: Uint8Array): Entry | null {
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (message.length < MESSAGE.headerBytes || message.readUInt32LE(MESSAGE.magic) !== MESSAGE_MAGIC) return null;
  if (message.readUInt16LE(MESSAGE.major) !== KEEPER_VERSION.major) return null;
  const key = message.readBigUInt64LE(MESSAGE.key);
  if (key === 0n) return null;
  const [realtimeNs, monotonicNs] = [MESSAGE.endedRealtime, MESSAGE.endedMonotonic].map((at) => message.readBigUInt64LE(at));
  const ended = realtimeNs && monotonicNs ? { realtimeNs, monotonicNs } : null;
  return { key, note: message.toString('utf8', MESSAGE.headerBytes), ended };
}
