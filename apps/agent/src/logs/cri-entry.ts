/*
 * The CRI log format (kubelet's, containerd's and CRI-O's): `2026-11-23T22:50:01.123456789Z stdout F text\n`. Tag F ends
 * a line of the container's; P means that the line goes on in the next entry of the same stream. A tag may have more words after colons:
 * F:gap is the supervisor's own line, about output that could not be written; F:end, without text, ends a line before it that the container did not end. Two are marks, without text: P:from=N begins a file after N bytes of
 * output; behind P:at=OUT,ERR come these bytes of each stream of a run to which a client is attached.
 */
const STREAM_AT = 31;
const TAG_AT = 38;
const FULL = 'F'.charCodeAt(0);
const SPACE = ' '.charCodeAt(0);
const LEAST_BYTES = 40;
const FROM = /^P:from=(\d{1,16})$/;
const AT = /^P:at=(\d{1,16}),(\d{1,16})$/;

/** How many bytes of each stream were read before. */
export interface StreamPosition {
  stdout: number;
  stderr: number;
}

export interface CriEntry {
  stream: 'stdout' | 'stderr';
  /** It ends a line. */
  isFull: boolean;
  /** Its text is the supervisor's own. */
  isGap: boolean;
  /** It ends a line that the container did not end. */
  isAdded: boolean;
  /** Of an entry that begins a file: bytes of output before it. */
  from: number | null;
  /** Of an entry that says where those behind it are. */
  at: StreamPosition | null;
  text: Buffer;
}

/** An entry without its newline. Null for what no supervisor wrote, such as the torn end of a log after a power cut. */
export function parseEntry(entry: Buffer): CriEntry | null {
  if (entry.length < LEAST_BYTES || entry[STREAM_AT - 1] !== SPACE || entry[TAG_AT - 1] !== SPACE) return null;
  const stream = entry.toString('latin1', STREAM_AT, TAG_AT - 1);
  if (stream !== 'stdout' && stream !== 'stderr') return null;
  const isFull = endsLine(entry, 0);
  const plain = { stream, isFull, isGap: false, isAdded: false, from: null, at: null } as const;
  if (entry[TAG_AT + 1] === SPACE) return { ...plain, text: entry.subarray(TAG_AT + 2) };
  const end = entry.indexOf(SPACE, TAG_AT);
  if (end < 0) return null;
  const tag = entry.toString('latin1', TAG_AT, end);
  const from = FROM.exec(tag)?.[1];
  const [, stdout, stderr] = AT.exec(tag) ?? [];
  return {
    ...plain,
    isGap: tag === 'F:gap',
    isAdded: tag === 'F:end',
    from: from === undefined ? null : Number(from),
    at: stdout === undefined || stderr === undefined ? null : { stdout: Number(stdout), stderr: Number(stderr) },
    text: entry.subarray(end + 1),
  };
}

/** Whether the entry that begins at `start` ends a line of the container's. */
export function endsLine(bytes: Buffer, start: number): boolean {
  return bytes[start + TAG_AT] === FULL;
}

/** RFC 3339 with nine digits of a second. */
export function timeOf(entry: Buffer): string {
  return entry.toString('latin1', 0, STREAM_AT - 1);
}

/** Bytes of the container's output that an entry stands for, its newline with them. */
export function outputBytesOf({ isFull, isGap, text }: CriEntry): number {
  return isGap ? 0 : text.length + (isFull ? 1 : 0);
}
