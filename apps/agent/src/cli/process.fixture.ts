import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import type { HostProcess, Signal } from './context.ts';

/** Collects bytes: a character may be split between two writes. */
class CollectingOutput extends Writable {
  readonly columns: number | undefined;
  readonly #chunks: Buffer[] = [];

  constructor(columns?: number) {
    super();
    this.columns = columns;
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }
}

/** A process with an empty stdin, outputs that are collected, and signals that a test sends. */
export class FakeProcess implements HostProcess {
  readonly stdin = Readable.from([]);
  readonly stdout: CollectingOutput;
  readonly stderr = new CollectingOutput();
  readonly env: NodeJS.ProcessEnv;
  readonly #signals = new EventEmitter<Record<Signal, [signal: Signal]>>();

  /** `columns`: of the terminal that stdout is. */
  constructor(env: NodeJS.ProcessEnv = {}, columns?: number) {
    this.env = env;
    this.stdout = new CollectingOutput(columns);
  }

  on(signal: Signal, listener: (signal: Signal) => void): void {
    this.#signals.on(signal, listener);
  }

  off(signal: Signal, listener: (signal: Signal) => void): void {
    this.#signals.off(signal, listener);
  }

  /** Throws where nothing listens: the signal would have ended a real process. */
  signal(signal: Signal): void {
    if (!this.#signals.emit(signal, signal)) throw new Error(`no listener for ${signal}`);
  }
}
