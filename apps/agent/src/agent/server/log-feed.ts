import { EVENTS, type LogChunk, type LogLine, type LogsRequest } from '@plimsoll/protocol';
import type { Socket } from 'socket.io';
import { log } from '../log.ts';
import type { ContainerLogs } from '../logs/container-logs.ts';
import type { Outlet } from './outlet.ts';

/** The log that one client reads: at the client's own pace, and one at a time. */
export class LogFeed implements Disposable {
  readonly #socket: Socket;
  readonly #outlet: Outlet;
  readonly #logs: ContainerLogs;
  #reading = new AbortController();
  #container = '';
  #sent: Promise<void> = Promise.resolve();

  constructor(socket: Socket, outlet: Outlet, logs: ContainerLogs) {
    this.#socket = socket;
    this.#outlet = outlet;
    this.#logs = logs;
  }

  /** Begins to send, in place of whatever was being sent; not before this turn is over, so that an acknowledgement comes first. */
  start(container: string, request: LogsRequest): void {
    this.stop();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    this.#container = container;
    this.#sent = new Promise((resolve) => setImmediate(resolve))
      .then(async () => await this.#send(container, request, signal))
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
    if (!this.#logs.mayGrow(this.#container)) await this.#sent;
  }

  async #send(id: string, request: LogsRequest, signal: AbortSignal): Promise<void> {
    for await (const batch of this.#logs.read(id, request, signal)) {
      if (signal.aborted) return;
      this.#sendLines(id, batch, false);
      await this.#outlet.free();
    }
    if (!signal.aborted) this.#sendLines(id, [], true);
  }

  #sendLines(container: string, lines: LogLine[], end: boolean): void {
    this.#socket.emit(EVENTS.log, { container, lines, end } satisfies LogChunk);
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}
