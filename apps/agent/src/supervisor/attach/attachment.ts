import type { Socket } from 'node:net';
import type { PlimsollError } from '@plimsoll/protocol';
import { encodeFrame, encodeMessage, MOST_FRAME_BYTES } from '../../attach/frame.ts';
import type { Attached } from '../../attach/messages.ts';
import type { StreamPosition } from '../../logs/cri-entry.ts';
import type { Stream } from '../log-file.ts';
import type { OutputTap } from '../output.ts';
import type { ContainerRecord } from '../protocol.ts';
import type { PastOutput } from './past-output.ts';
import type { StdinListener } from './stdin-fifo.ts';

/** What a client has of each stream, and what it is to have. */
export interface Missing {
  from: StreamPosition;
  to: StreamPosition;
}

interface Beginning {
  attached: Attached;
  /** Output may be missing, of which nothing is known. */
  isUncertain: boolean;
}

/** A client that gets an incarnation's output over its connection: first what is past, then what is read, at the pace of the client. */
export class Attachment implements OutputTap, StdinListener {
  readonly isClient = true;
  readonly #socket: Socket;
  /** What was read while the past is sent; null: that is over. */
  #later: Buffer[] | null = [];
  #last: Buffer | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isCatchingUp(): boolean {
    return this.#later !== null;
  }

  get isFinished(): boolean {
    return this.#last !== null;
  }

  /** Sends what is past, and disposes of it. Resolves when the client takes more, or is gone. */
  async begin({ attached, isUncertain }: Beginning, past: PastOutput, missing: Missing): Promise<void> {
    using _ = past;
    this.#socket.write(encodeMessage('attached', attached));
    if (isUncertain) this.#socket.write(encodeFrame('uncertain'));
    for await (const piece of past.between(missing.from, missing.to)) {
      if (this.#socket.destroyed) return;
      if ('lost' in piece) this.#socket.write(encodeMessage('lost', { stream: piece.stream, bytes: piece.lost }));
      else for (const frame of framesOf(piece.stream, piece.bytes)) this.#socket.write(frame);
      await this.#drained();
    }
    const later = this.#later ?? [];
    this.#later = null;
    for (const frame of later) this.#socket.write(frame);
    if (this.#last !== null) this.#socket.write(this.#last);
    await this.#drained();
  }

  /** False: it takes no more until its connection has drained. */
  write(stream: Stream, bytes: Uint8Array): boolean {
    for (const frame of framesOf(stream, bytes)) {
      if (this.#later === null) this.#socket.write(frame);
      else this.#later.push(frame);
    }
    return this.#later === null && !this.#socket.writableNeedDrain;
  }

  taken(bytes: number): void {
    this.#socket.write(encodeMessage('stdinTaken', { bytes }));
  }

  closed(): void {
    this.#socket.write(encodeFrame('stdinClosed'));
  }

  /** Nothing follows behind this. `record` null: the container was removed while it ran. */
  finish(record: ContainerRecord | null): void {
    if (this.#last !== null) return;
    this.#last = encodeMessage('end', { record });
    if (this.#later === null) this.#socket.write(this.#last);
  }

  /** What is past cannot be read. */
  fail(error: PlimsollError): void {
    this.#socket.end(encodeMessage('error', error.toBody()));
  }

  async #drained(): Promise<void> {
    const socket = this.#socket;
    if (!socket.writableNeedDrain || socket.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.once('drain', resolve).once('close', resolve);
    await promise;
    socket.off('drain', resolve).off('close', resolve);
  }
}

function framesOf(stream: Stream, bytes: Uint8Array): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += MOST_FRAME_BYTES) {
    frames.push(encodeFrame(stream, bytes.subarray(at, at + MOST_FRAME_BYTES)));
  }
  return frames;
}
