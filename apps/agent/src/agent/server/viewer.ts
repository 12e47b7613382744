import {
  EVENTS,
  LogsRequest,
  type LogsAnswer as LogsAnswerSchema,
  parse,
  WatchRequest,
  type Answer,
  type WatchAnswer,
} from '@plimsoll/protocol';
import type { Socket } from 'socket.io';
import type { z } from 'zod';
import type { Caller } from '../access/gatekeeper.ts';
import { toErrorBody, type Dispatcher } from '../commands/dispatcher.ts';
import type { Registry } from '../registry.ts';
import type { Sampler } from '../sampling/sampler.ts';
import { CommandGate } from './command-gate.ts';
import { LogFeed } from './log-feed.ts';
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
  readonly #log: LogFeed;

  constructor(socket: Socket, caller: Caller, parts: ViewerParts) {
    this.#socket = socket;
    this.#caller = caller;
    this.#parts = parts;
    this.#outlet = new Outlet(socket.conn);
    this.#gate = new CommandGate(caller);
    this.#log = new LogFeed(socket, this.#outlet, parts.registry, parts.containersDirectory);
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
      this.#answered<LogsAnswer>((request) => this.#follow(request)),
    );
    socket.on(EVENTS.unwatch, () => this.#unwatch());
    socket.on(EVENTS.unlogs, () => this.#log.stop());
  }

  get caller(): Caller {
    return this.#caller;
  }

  /** Settles once whoever waits for the last words of a container that has ended has them. */
  async finish(): Promise<void> {
    await this.#log.finish();
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

  async #follow(message: unknown): Promise<LogsAnswer> {
    const request = parse(LogsRequest, message, 'logs');
    const { id } = this.#parts.registry.resolve(request.container);
    this.#log.start(id, request);
    return { ok: true, container: id };
  }

  [Symbol.dispose](): void {
    this.#unwatch();
    this.#log[Symbol.dispose]();
  }
}
