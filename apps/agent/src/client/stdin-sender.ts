import type { Readable } from 'node:stream';
import type { Socket } from 'node:net';
import { encodeFrame, MOST_FRAME_BYTES } from '../attach/frame.ts';
import type { Attached } from '../attach/messages.ts';

/** Sent, and not yet taken by the supervisor: past it nothing is read. */
const WINDOW_BYTES = 256 * 1024;

/** Sends what it reads to a container's standard input, no faster than the container takes it. What a lost connection had not brought is sent again. */
export class StdinSender implements Disposable {
  readonly #source: Readable;
  /** Read, and not taken by the supervisor. */
  #kept: Buffer[] = [];
  /** On their way to the container, or there: a kill of the supervisor loses none. */
  #taken = 0;
  #socket: Socket | null = null;
  #hasEnded = false;
  #isOver = false;
  #isReading = false;
  #problem: string | null = null;

  constructor(source: Readable) {
    this.#source = source;
    source.on('readable', this.#read).on('end', this.#end).on('error', this.#fail);
  }

  /** Why the container did not get all of it; null: it got all that it would take. */
  get problem(): string | null {
    return this.#problem;
  }

  /** The container takes no more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** `taken`: bytes that are on their way so far; null: it takes none, or no more. `isCut`: since this client was away. */
  connect(socket: Socket, { stdin: taken, isCut }: Attached): void {
    if (isCut) this.#problem = 'its standard input was ended while this command was away';
    if (taken === null) return this.closed();
    this.taken(taken);
    this.#socket = socket;
    for (const part of this.#kept) this.#send(part);
    if (this.#hasEnded) socket.write(encodeFrame('stdinEnd'));
    this.#isReading = true;
    this.#read();
  }

  disconnect(): void {
    this.#socket = null;
    this.#isReading = false;
  }

  /** So many bytes in all are on their way. */
  taken(bytes: number): void {
    let left = bytes - this.#taken;
    this.#taken = Math.max(this.#taken, bytes);
    while (left > 0 && this.#kept.length > 0) {
      const first = this.#kept[0]!;
      if (first.length > left) this.#kept[0] = first.subarray(left);
      else this.#kept.shift();
      left -= first.length;
    }
    this.#read();
  }

  closed(): void {
    this.#isOver = true;
    this.#kept = [];
    this[Symbol.dispose]();
  }

  /** Reads no more: the process can end though there is more to read. */
  [Symbol.dispose](): void {
    this.#isReading = false;
    this.#source.off('readable', this.#read).off('end', this.#end);
    this.#source.destroy();
  }

  readonly #read = (): void => {
    while (this.#isReading && this.#keptBytes < WINDOW_BYTES) {
      const part = this.#source.read() as Buffer | string | null;
      if (part === null) return;
      const bytes = Buffer.from(part);
      this.#kept.push(bytes);
      this.#send(bytes);
    }
  };

  readonly #end = (): void => {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#socket?.write(encodeFrame('stdinEnd'));
  };

  readonly #fail = (error: Error): void => {
    if (this.#isOver) return;
    this.#problem = `standard input cannot be read: ${error.message}`;
    this.#end();
  };

  get #keptBytes(): number {
    return this.#kept.reduce((sum, { length }) => sum + length, 0);
  }

  #send(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += MOST_FRAME_BYTES) {
      this.#socket?.write(encodeFrame('stdin', bytes.subarray(at, at + MOST_FRAME_BYTES)));
    }
  }
}
