/*
 * What the supervisor and an attached client send each other: frames of one byte of kind, four bytes of length (big-endian), and a payload.
 *
 *   client -> supervisor   attach (JSON: Attach), then stdin (bytes) and stdinEnd (nothing)
 *   supervisor -> client   attached (JSON: Attached), then stdout and stderr (bytes), lost (JSON: Lost), uncertain (nothing: output may be missing),
 *                          stdinTaken (JSON: StdinTaken), stdinClosed (nothing); at the end end (JSON: AttachEnd) or error (JSON: ErrorBody)
 */
const FRAME = {
  attach: 1,
  stdin: 2,
  stdinEnd: 3,
  attached: 16,
  stdout: 17,
  stderr: 18,
  lost: 19,
  stdinTaken: 20,
  stdinClosed: 21,
  end: 22,
  error: 23,
  uncertain: 24,
} as const;
export type FrameKind = keyof typeof FRAME;

const HEAD_BYTES = 5;
/** Of a frame of bytes; a longer piece is several. */
export const MOST_FRAME_BYTES = 64 * 1024;

const KINDS = new Map<number, FrameKind>(Object.entries(FRAME).map(([kind, number]) => [number, kind as FrameKind]));

/** A frame with a copy of the bytes. */
export function encodeFrame(kind: FrameKind, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + payload.length);
  frame[0] = FRAME[kind];
  frame.writeUInt32BE(payload.length, 1);
  frame.set(payload, HEAD_BYTES);
  return frame;
}

export function encodeMessage(kind: FrameKind, message: unknown): Buffer {
  return encodeFrame(kind, Buffer.from(JSON.stringify(message)));
}

/** Throws a SyntaxError for what is no JSON. */
export function decodeMessage(payload: Buffer): unknown {
  return JSON.parse(payload.toString('utf8'));
}

/** A peer that sends what no peer of this version does: its connection is to be closed. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame';
}

export interface Frame {
  kind: FrameKind;
  /** Valid until the next `push`. */
  payload: Buffer;
}

/** Cuts what a connection receives into frames. */
export class FrameReader {
  readonly #mostBytes: number;
  /** Of frames that are not whole yet. */
  #parts: Buffer[] = [];
  #length = 0;
  /** Bytes without which there is nothing to look at. */
  #needed = HEAD_BYTES;

  /** `mostBytes`: of one payload. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The frames that are whole with this chunk. Throws MalformedFrame. */
  *push(chunk: Buffer): Generator<Frame> {
    this.#parts.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#needed) {
      const bytes = this.#joined();
      const kind = KINDS.get(bytes[0] ?? 0);
      if (kind === undefined) throw new MalformedFrame(`there is no frame of kind ${bytes[0]}`);
      const length = bytes.readUInt32BE(1);
      if (length > this.#mostBytes) throw new MalformedFrame(`a ${kind} frame of ${length} bytes`);
      const end = HEAD_BYTES + length;
      this.#needed = end;
      if (bytes.length < end) return;
      yield { kind, payload: bytes.subarray(HEAD_BYTES, end) };
      this.#keep(bytes.subarray(end));
    }
  }

  #joined(): Buffer {
    const joined = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [joined];
    return joined;
  }

  #keep(rest: Buffer): void {
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    this.#needed = HEAD_BYTES;
  }
}
