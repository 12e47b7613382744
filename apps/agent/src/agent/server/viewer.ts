import { guarded, logFault } from '@plimsoll/core/guarded';
import {
  EVENTS,
  LogsRequest,
  type LogsAnswer as LogsAnswerSchema,
  parse,
  WatchRequest,
  type Answer,
  type EventsAnswer,
  type GroupView,
  type HostCgroup,
  type WatchAnswer,
} from '@plimsoll/protocol';
import type { Socket } from 'socket.io';
import type { z } from 'zod';
import { notFound } from '../../not-found.ts';
import type { Caller } from '../access/gatekeeper.ts';
import { toErrorBody, type Dispatcher } from '../commands/dispatcher.ts';
import type { KernelWatch } from '../kernel/kernel-watch.ts';
import type { ContainerLogs } from '../logs/container-logs.ts';
import type { Registry } from '../registry.ts';
import type { Sampler } from '../sampling/sampler.ts';
import { CommandGate } from './command-gate.ts';
import { abortGone } from './gone.ts';
import { LogFeed } from './log-feed.ts';
import { Outlet } from './outlet.ts';

export interface ViewerParts {
  dispatcher: Dispatcher;
  registry: Registry;
  sampler: Sampler;
  kernel: KernelWatch;
  logs: ContainerLogs;
}

type LogsAnswer = z.infer<typeof LogsAnswerSchema>;
type Failed = { ok: false; error: Extract<Answer, { ok: false }>['error'] };

interface Watched {
  /** Of the sampler's last tick; null where there is none, or it comes by itself. */
  frame: () => Uint8Array | null;
  /** Let go when something else is watched. */
  held: Disposable | null;
}

/** The room of those who are told of every event. */
export const FOLLOWS_EVENTS = 'events';

const NOTHING: Watched = { frame: () => null, held: null };

/** One connected client: its commands, the samples it watches, the log it reads. */
export class Viewer implements Disposable {
  readonly #socket: Socket;
  readonly #caller: Caller;
  readonly #parts: ViewerParts;
  readonly #outlet: Outlet;
  readonly #gate: CommandGate;
  readonly #gone = new AbortController();
  #watched: Watched = NOTHING;
  /** The host's cgroups, not sent yet. */
  #tree: readonly HostCgroup[] | null = null;
  readonly #log: LogFeed;

  constructor(socket: Socket, caller: Caller, parts: ViewerParts) {
    this.#socket = socket;
    this.#caller = caller;
    this.#parts = parts;
    this.#outlet = new Outlet(socket.conn);
    this.#gate = new CommandGate(caller);
    this.#log = new LogFeed(socket, this.#outlet, parts.logs);
    socket.on(
      EVENTS.command,
      this.#answered<Answer>((message) => parts.dispatcher.dispatch(message, { ...caller, gone: this.#gone.signal })),
    );
    socket.on(
      EVENTS.watch,
      this.#answered<WatchAnswer>((request) => this.#watch(request)),
    );
    socket.on(
      EVENTS.logs,
      this.#answered<LogsAnswer>((request) => this.#follow(request)),
    );
    socket.on(
      EVENTS.events,
      this.#answered<EventsAnswer>(async () => {
        await socket.join(FOLLOWS_EVENTS);
        return { ok: true };
      }),
    );
    const what = `a connection of ${caller.who}`;
    socket.on(
      EVENTS.unwatch,
      guarded(what, () => this.#unwatch()),
    );
    socket.on(
      EVENTS.unlogs,
      guarded(what, () => this.#log.stop()),
    );
    socket.on(
      EVENTS.unevents,
      guarded(what, () => socket.leave(FOLLOWS_EVENTS)),
    );
  }

  get caller(): Caller {
    return this.#caller;
  }

  /** Settles once whoever waits for the last words of a container that has ended has them, and every answer that was given. */
  async finish(): Promise<void> {
    await this.#log.finish();
    await this.#outlet.taken();
  }

  /** The frame of this tick, for what is watched; an older one that still waits is not sent any more. */
  sendSamples(): void {
    this.#send(this.#watched.frame());
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
      answer.then(acknowledge as (value: unknown) => void).catch((error: unknown) => logFault('an answer to a client', error));
    };
  }

  async #watch(message: unknown): Promise<WatchAnswer> {
    const request = parse(WatchRequest, message, 'watch');
    this.#unwatch();
    const { registry, sampler, kernel } = this.#parts;
    const frame = (samples: Uint8Array) => this.#send(samples);
    switch (request.kind) {
      case 'table':
        this.#watched = { ...NOTHING, frame: () => sampler.tableFrame() };
        return { ok: true, history: sampler.tableHistory() };
      case 'container':
        return this.#watchRow(registry.resolve(request.container).handle);
      case 'group':
        return this.#watchRow(requireGroup(registry, request.group).handle);
      case 'kernel': {
        this.#watched = {
          frame: () => null,
          held: kernel.watchAll({
            frame,
            cgroups: guarded('the cgroups of the host', (tree: readonly HostCgroup[]) => this.#sendTree(tree)),
          }),
        };
        return { ok: true, ...(await kernel.all()) };
      }
      case 'cgroup':
        this.#watched = { frame: () => null, held: kernel.watchOne(request.path, { frame }) };
        return { ok: true, history: kernel.historyOf(request.path) };
    }
  }

  /** Every column of a container, or a group. */
  #watchRow(handle: number): WatchAnswer {
    const { sampler } = this.#parts;
    this.#watched = { frame: () => sampler.rowFrame(handle), held: sampler.watch(handle) };
    return { ok: true, history: sampler.rowHistory(handle) };
  }

  #unwatch(): void {
    this.#watched.held?.[Symbol.dispose]();
    this.#watched = NOTHING;
    this.#tree = null;
    this.#outlet.dropNewest();
  }

  #send(frame: Uint8Array | null): void {
    if (frame !== null) this.#outlet.newest(() => this.#socket.emit(EVENTS.samples, frame));
  }

  /** To a client that is behind only the newest, once it has caught up. */
  async #sendTree(tree: readonly HostCgroup[]): Promise<void> {
    const isWaiting = this.#tree !== null;
    this.#tree = tree;
    if (isWaiting) return;
    await this.#outlet.free();
    const newest = this.#tree;
    this.#tree = null;
    if (newest !== null) this.#socket.emit(EVENTS.cgroups, newest);
  }

  async #follow(message: unknown): Promise<LogsAnswer> {
    const request = parse(LogsRequest, message, 'logs');
    const { id } = this.#parts.registry.resolve(request.container);
    this.#log.start(id, request);
    return { ok: true, container: id };
  }

  [Symbol.dispose](): void {
    abortGone(this.#gone);
    this.#unwatch();
    this.#log[Symbol.dispose]();
  }
}

function requireGroup(registry: Registry, path: string): GroupView {
  const group = registry.group(path);
  if (group === undefined) throw notFound('group', path);
  return group;
}
