import type { Readable, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { typedName } from '../command-link.ts';
import { ownBytes, type OwnBytes } from './own-bytes.ts';

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGQUIT' | 'SIGUSR1' | 'SIGUSR2';
export type Input = Readable & { isTTY?: boolean | undefined };
export type Output = Writable & { isTTY?: boolean | undefined; columns?: number | undefined };

/** The part of Node's `process` that a command uses. */
export interface HostProcess {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  on(signal: Signal, listener: (signal: Signal) => void): unknown;
  off(signal: Signal, listener: (signal: Signal) => void): unknown;
}

/** What is the host's beside the process. */
interface Surroundings {
  hasTerminal?: boolean;
  commandName?: string;
  ownBytes?: OwnBytes;
}

/** What one command has of its process. Disposing removes every listener that it added there. */
export class Context implements Disposable {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** Of its words and environment. */
  readonly ownBytes: OwnBytes;
  /** Its stdin is a terminal: somebody may sit there. Known without opening it. */
  readonly hasTerminal: boolean;
  /** What a person types for this command line: `plimsoll`, or `npx plimsoll`. */
  readonly commandName: string;
  readonly #host: HostProcess;
  readonly #outputLoss = new AbortController();
  readonly #listeners = new DisposableStack();
  #lossExitCode = 0;

  constructor(host: HostProcess, { hasTerminal = isatty(0), commandName = typedName(), ...surroundings }: Surroundings = {}) {
    this.#host = host;
    this.hasTerminal = hasTerminal;
    this.commandName = commandName;
    this.ownBytes = surroundings.ownBytes ?? ownBytes;
    this.stdout = host.stdout;
    this.stderr = host.stderr;
    this.environment = host.env;
    this.#onError(this.stdout, (error) => this.#lose(error, error.code === 'EPIPE' ? 0 : 1));
    this.#onError(this.stderr, (error) => this.#lose(error, 1));
  }

  /** Opened at its first use: Node makes a pipe non-blocking for every process that shares it. */
  get stdin(): Input {
    return this.#host.stdin;
  }

  /** Aborted when stdout or stderr can no longer be written to, as when the reader of a pipe has ended (EPIPE). */
  get outputLost(): AbortSignal {
    return this.#outputLoss.signal;
  }

  /** Why the output is lost, where it is more than that its reader has ended: a full disk. */
  get lossReason(): Error | null {
    return this.#lossExitCode === 0 ? null : (this.outputLost.reason as Error);
  }

  /** The exit code of a command that ends because its output is lost: 0 where stdout's reader has ended. */
  get lossExitCode(): number {
    return this.#lossExitCode;
  }

  /** Calls the listener at each of the signals until disposed of. A signal without a listener has its default effect. */
  onSignals(signals: readonly Signal[], listener: (signal: Signal) => void): Disposable {
    const listeners = new DisposableStack();
    for (const signal of signals) {
      this.#host.on(signal, listener);
      listeners.defer(() => this.#host.off(signal, listener));
    }
    return this.#listeners.use(listeners);
  }

  /** Resolves when everything written so far is out, or `outputLost` is aborted. */
  async flush(): Promise<void> {
    await Promise.all([this.stdout, this.stderr].map(untilWritten));
    // A stream emits `error` some ticks after the write that failed.
    await setImmediate();
  }

  #lose(error: Error, exitCode: number): void {
    if (this.outputLost.aborted) return;
    this.#lossExitCode = exitCode;
    this.#outputLoss.abort(error);
  }

  #onError(stream: Output, listener: (error: NodeJS.ErrnoException) => void): void {
    stream.on('error', listener);
    this.#listeners.defer(() => stream.off('error', listener));
  }

  [Symbol.dispose](): void {
    this.#listeners.dispose();
  }
}

/** Writes nothing where nothing waits: an empty write can fail on a socket whose reader has ended. */
async function untilWritten(stream: Output): Promise<void> {
  if (stream.writableLength === 0) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.write('', () => resolve());
  await promise;
}
