import { join } from 'node:path';
import {
  EVENTS,
  LogsRequest,
  type LogsAnswer as LogsAnswerSchema,
  parse,
  WatchRequest,
  type Answer,
  type ContainerView,
  type LogChunk,
  type LogLine,
  type WatchAnswer,
} from '@plimsoll/protocol';
import type { Socket } from 'socket.io';
import type { z } from 'zod';
import type { Caller } from '../access/gatekeeper.ts';
import { toErrorBody, type Dispatcher } from '../commands/dispatcher.ts';
import { log } from '../log.ts';
import { readLog } from '../logs/log-reader.ts';
import type { Registry } from '../registry.ts';
import type { Sampler } from '../sampling/sampler.ts';
import { CommandGate } from './command-gate.ts';
import { Outlet } from './outlet.ts';

export interface ViewerParts {
  dispatcher: Dispatcher;
  registry: Registry;
  sampler: Sampler;
  /** <lib>/containers. */
  containersDirectory: string;
}

type LogsAnswer = z.infer<typeof LogsAnswerSchema>;
type Failed = { ok: false; error: Extract<Answer, { ok: false }>['error'] };

/** One connected client: its commands, the samples it watches, the log it reads. */
export class Viewer implements Disposable {
  readonly #socket: Socket;
  readonly #caller: Caller;
  readonly #parts: ViewerParts;
  readonly #outlet: Outlet;
  readonly #gate: CommandGate;
  #watched: 'nothing' | 'table' | { handle: number } = 'nothing';
  #reading: AbortController | null = null;
  #logEnd: Promise<void> = Promise.resolve();
  #logContainer = '';

  constructor(socket: Socket, caller: Caller, parts: ViewerParts) {
    this.#socket = socket;
    this.#caller = caller;
    this.#parts = parts;
    this.#outlet = new Outlet(socket.conn);
    this.#gate = new CommandGate(caller);
    socket.on(
      EVENTS.command,
      this.#answered<Answer>((message) => parts.dispatcher.dispatch(message, caller)),
    );
    socket.on(
      EVENTS.watch,
      this.#answered<WatchAnswer>((request) => this.#watch(request)),
    );
    socket.on(
      EVENTS.logs,
      this.#answered<LogsAnswer>((request) => this.#logs(request)),
    );
    socket.on(EVENTS.unwatch, () => this.#unwatch());
    socket.on(EVENTS.unlogs, () => this.#reading?.abort());
  }

  get caller(): Caller {
    return this.#caller;
  }

  /** The frame of this tick, for what is watched; an older one that still waits is not sent any more. */
  sendSamples(): void {
    if (this.#watched === 'nothing') return;
    const { sampler } = this.#parts;
    const frame = this.#watched === 'table' ? sampler.tableFrame() : sampler.rowFrame(this.#watched.handle);
    if (frame !== null) this.#outlet.newest(() => this.#socket.emit(EVENTS.samples, frame));
  }

  /** A listener for an event with an acknowledgement. What a client sends may be anything at all, and too much of it. */
  #answered<A extends { ok: boolean }>(work: (message: unknown) => Promise<A>): (...received: unknown[]) => void {
    return (...received) => {
      const acknowledge = received.pop();
      const message = received.length === 1 ? received[0] : undefined;
      if (typeof acknowledge !== 'function') return;
      const answer = this.#gate
        .pass(() => work(message))
        .catch((error: unknown): Failed => ({ ok: false, error: toErrorBody(error) }));
      void answer.then(acknowledge as (value: unknown) => void);
    };
  }

  async #watch(message: unknown): Promise<WatchAnswer> {
    const request = parse(WatchRequest, message, 'watch');
    this.#unwatch();
    if (request.kind === 'table') {
      this.#watched = 'table';
      return { ok: true, history: this.#parts.sampler.tableHistory() };
    }
    const { handle } = this.#parts.registry.resolve(request.container);
    this.#watched = { handle };
    return { ok: true, history: this.#parts.sampler.rowHistory(handle) };
  }

  #unwatch(): void {
    this.#watched = 'nothing';
    this.#outlet.dropNewest();
  }

  async #logs(message: unknown): Promise<LogsAnswer> {
    const { container, tail, follow } = parse(LogsRequest, message, 'logs');
    const { id } = this.#parts.registry.resolve(container);
    this.#reading?.abort();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    this.#logContainer = id;
    // After the acknowledgement, which tells the client whose lines these are.
    const acknowledged = new Promise((resolve) => setImmediate(resolve));
    this.#logEnd = acknowledged
      .then(async () => await this.#sendLog(id, tail, follow, signal))
      .catch((error: unknown) => {
        log('error', 'a log cannot be read', { container: id, error });
        this.#sendLines(id, [], true);
      });
    return { ok: true, container: id };
  }

  async #sendLog(id: string, tail: number | undefined, follow: boolean, signal: AbortSignal): Promise<void> {
    const { registry, containersDirectory } = this.#parts;
    const lines = readLog({
      directory: join(containersDirectory, id),
      tail,
      mayGrow: () => follow && mayWrite(registry, id),
      onChange: (listener) => {
        const changed = (view: ContainerView): void => {
          if (view.id === id) listener();
        };
        registry.on('container', changed).on('removed', changed);
        return () => registry.off('container', changed).off('removed', changed);
      },
      signal,
    });
    for await (const batch of lines) {
      if (signal.aborted) return;
      this.#sendLines(id, batch, false);
      await this.#outlet.free();
    }
    if (!signal.aborted) this.#sendLines(id, [], true);
  }

  /** Settles once the log of a container that has ended is sent whole; at once for one that still runs. */
  async finishLog(): Promise<void> {
    if (!mayWrite(this.#parts.registry, this.#logContainer)) await this.#logEnd;
  }

  #sendLines(container: string, lines: LogLine[], end: boolean): void {
    this.#socket.emit(EVENTS.log, { container, lines, end } satisfies LogChunk);
  }

  [Symbol.dispose](): void {
    this.#unwatch();
    this.#reading?.abort();
  }
}

function mayWrite(registry: Registry, id: string): boolean {
  const status = registry.get(id)?.state.status;
  return status !== undefined && status !== 'exited' && status !== 'failed';
}
