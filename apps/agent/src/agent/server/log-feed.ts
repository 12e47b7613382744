import { EVENTS, type ContainerView, type LogChunk, type LogLine, type LogsRequest } from '@plimsoll/protocol';
import { join } from 'node:path';
import type { Socket } from 'socket.io';
import { log } from '../log.ts';
import { readLog } from '../logs/log-reader.ts';
import type { Registry } from '../registry.ts';
import type { Outlet } from './outlet.ts';

/** The log that one client reads: at the client's own pace, and one at a time. */
export class LogFeed implements Disposable {
  readonly #socket: Socket;
  readonly #outlet: Outlet;
  readonly #registry: Registry;
  readonly #directory: string;
  #reading = new AbortController();
  #container = '';
  #sent: Promise<void> = Promise.resolve();

  /** `directory` holds the containers' own. */
  constructor(socket: Socket, outlet: Outlet, registry: Registry, directory: string) {
    this.#socket = socket;
    this.#outlet = outlet;
    this.#registry = registry;
    this.#directory = directory;
  }

  /** Begins to send, in place of whatever was being sent; not before this turn is over, so that an acknowledgement comes first. */
  start(container: string, { tail, follow }: LogsRequest): void {
    this.stop();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    this.#container = container;
    this.#sent = new Promise((resolve) => setImmediate(resolve))
      .then(async () => await this.#send(container, tail, follow, signal))
      .catch((error: unknown) => {
        log('error', 'a log cannot be read', { container, error });
        this.#sendLines(container, [], true);
      });
  }

  stop(): void {
    this.#reading.abort();
  }

  /** Settles once the log of a container that has ended is sent whole; at once for one that still runs. */
  async finish(): Promise<void> {
    if (!this.#mayWrite(this.#container)) await this.#sent;
  }

  async #send(id: string, tail: number | undefined, follow: boolean, signal: AbortSignal): Promise<void> {
    const lines = readLog({
      directory: join(this.#directory, id),
      tail,
      mayGrow: () => follow && this.#mayWrite(id),
      onChange: (listener) => this.#onChange(id, listener),
      signal,
    });
    for await (const batch of lines) {
      if (signal.aborted) return;
      this.#sendLines(id, batch, false);
      await this.#outlet.free();
    }
    if (!signal.aborted) this.#sendLines(id, [], true);
  }

  #onChange(id: string, listener: () => void): () => void {
    const changed = (view: ContainerView): void => {
      if (view.id === id) listener();
    };
    this.#registry.on('container', changed).on('removed', changed);
    return () => this.#registry.off('container', changed).off('removed', changed);
  }

  /** One that was not started yet may, too. */
  #mayWrite(id: string): boolean {
    const status = this.#registry.get(id)?.state.status;
    return status !== undefined && status !== 'exited' && status !== 'failed';
  }

  #sendLines(container: string, lines: LogLine[], end: boolean): void {
    this.#socket.emit(EVENTS.log, { container, lines, end } satisfies LogChunk);
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}
