import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { ErrorBody, parse, PlimsollError } from '@plimsoll/protocol';
import { decodeMessage, encodeMessage, FrameReader } from '../attach/frame.ts';
import { AttachEnd, Attached, Lost, StdinTaken, type Attach } from '../attach/messages.ts';
import type { StateRoot } from '../state-root.ts';
import { AGAIN_MS, GIVE_UP_MS } from './deadlines.ts';
import { isShutDown, shutDown } from './local-credential.ts';
import { StdinSender } from './stdin-sender.ts';

/** The record of a container is as long as its environment and arguments. */
const MOST_FRAME_BYTES = 16 * 1024 * 1024;

type OutputStream = 'stdout' | 'stderr';

export interface AttachOptions {
  state: StateRoot;
  container: string;
  incarnation: number;
  /** Becomes the container's standard input. Null: the container has none. */
  stdin: Readable | null;
  /** Takes output, valid until it resolves; the container waits as long. */
  write: (stream: OutputStream, bytes: Buffer) => Promise<void>;
  /** Gives up, as if the connection were lost for good. */
  signal: AbortSignal;
}

/** How an attachment ended. `record`: the container's, at its end; null: it was removed while it ran. */
export interface Attended {
  record: unknown;
  /** Output that no supervisor has any more. */
  lostBytes: number;
  /** More may be missing: a supervisor was killed while it read output, or its record is lost. */
  isUncertain: boolean;
  /** Why the container did not get all of its input; null: it did. */
  inputProblem: string | null;
}

/**
 * An attachment to one incarnation of a container: its output and input, byte for byte, also over a supervisor that is killed and comes back.
 * The container waits for a slow reader. Disposed of, the supervisor may remove the container.
 */
export class Attachment implements Disposable {
  readonly #options: AttachOptions;
  readonly #received = { stdout: 0, stderr: 0 };
  readonly #stdin: StdinSender | null;
  readonly #disposed = new AbortController();
  #lostBytes = 0;
  #isUncertain = false;
  /** The last connection came as far as the supervisor's answer. */
  #wasAttached = false;

  constructor(options: AttachOptions) {
    this.#options = options;
    this.#stdin = options.stdin === null ? null : new StdinSender(options.stdin);
  }

  /** Resolves at the end of the container, with its last output written. Throws what the supervisor answers, and `unavailable`. */
  async untilEnd(): Promise<Attended> {
    let awaySince: number | null = null;
    for (;;) {
      this.#wasAttached = false;
      const end = await this.#attachOnce();
      if (end !== null) return this.#ended(end);
      if (this.#isGivenUp) throw supervisorAway();
      if (this.#wasAttached) awaySince = null;
      awaySince ??= performance.now();
      if (isShutDown(this.#options.state)) throw shutDown();
      if (performance.now() - awaySince > GIVE_UP_MS) throw supervisorAway();
      await delay(AGAIN_MS);
    }
  }

  [Symbol.dispose](): void {
    this.#disposed.abort();
    this.#stdin?.[Symbol.dispose]();
  }

  get #isGivenUp(): boolean {
    return this.#disposed.signal.aborted || this.#options.signal.aborted;
  }

  #ended({ record }: AttachEnd): Attended {
    const inputProblem = this.#stdin?.problem ?? null;
    return { record, lostBytes: this.#lostBytes, isUncertain: this.#isUncertain, inputProblem };
  }

  /** Null: the connection was lost, or there was none. */
  async #attachOnce(): Promise<AttachEnd | null> {
    const { state, container, incarnation, signal } = this.#options;
    if (this.#isGivenUp) return null;
    const socket = createConnection({ path: state.attachSocket, signal: AbortSignal.any([this.#disposed.signal, signal]) });
    // Also behind the end, when nothing reads of it any more: it is closed by this one's disposal.
    socket.on('error', () => {});
    const stdin = this.#stdin !== null && !this.#stdin.isOver;
    try {
      await once(socket, 'connect');
      const attach: Attach = { container, incarnation, received: this.#received, stdin };
      socket.write(encodeMessage('attach', attach));
      return await this.#receive(socket);
    } catch (error) {
      socket.destroy();
      if (error instanceof PlimsollError || !(error instanceof Error && 'code' in error)) throw error;
      return null;
    } finally {
      this.#stdin?.disconnect();
    }
  }

  async #receive(socket: Socket): Promise<AttachEnd | null> {
    const reader = new FrameReader(MOST_FRAME_BYTES);
    for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (const { kind, payload } of reader.push(chunk)) {
        switch (kind) {
          case 'stdout':
          case 'stderr':
            this.#received[kind] += payload.length;
            await this.#options.write(kind, payload);
            break;
          case 'lost': {
            const { stream, bytes } = parse(Lost, decodeMessage(payload), 'lost output');
            this.#received[stream] += bytes;
            this.#lostBytes += bytes;
            break;
          }
          case 'uncertain':
            this.#isUncertain = true;
            break;
          case 'attached':
            this.#wasAttached = true;
            this.#stdin?.connect(socket, parse(Attached, decodeMessage(payload), 'answer to attach'));
            break;
          case 'stdinTaken':
            this.#stdin?.taken(parse(StdinTaken, decodeMessage(payload), 'input taken').bytes);
            break;
          case 'stdinClosed':
            this.#stdin?.closed();
            break;
          case 'end':
            return parse(AttachEnd, decodeMessage(payload), 'end of a container');
          case 'error':
            throw PlimsollError.from(parse(ErrorBody, decodeMessage(payload), 'error'));
          default:
            throw new Error(`a ${kind} frame of the supervisor`);
        }
      }
    }
    return null;
  }
}

function supervisorAway(): PlimsollError {
  return new PlimsollError('unavailable', 'the supervisor is not there', {
    hint: 'The container goes on. `plimsoll ps` and `plimsoll logs` show it once the supervisor is back.',
  });
}
