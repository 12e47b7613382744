import { attempt, guarded, GuardedEmitter } from '@plimsoll/core/guarded';
import { once } from 'node:events';
import {
  Alert,
  Answer,
  COMMANDS,
  ContainerId,
  ContainerView,
  decodeSamples,
  commandText,
  EVENTS,
  EventsAnswer,
  GroupPath,
  GroupView,
  Hello,
  HostCgroup,
  Incident,
  LoggedEvent,
  newRequestId,
  parse,
  PlimsollError,
  WatchAnswer,
  type CommandDefinition,
  type CommandInput,
  type CommandResult,
  type Samples,
  type Verb,
  type WatchRequest,
} from '@plimsoll/protocol';
import { spanInWords } from '@plimsoll/protocol/quantities';
import type { Socket } from 'socket.io-client';
import { z } from 'zod';
import { AGAIN_MS, GIVE_UP_MS, GRACE_MS } from './deadlines.ts';
import { lost, shutDown } from './local-credential.ts';

/** In the log, of an error in a callback. */
const WHAT = 'the connection to the agent';

interface ClientEvents {
  /** Connected anew: everything may have changed. */
  hello: [Hello];
  container: [ContainerView];
  removed: [id: string];
  group: [GroupView];
  'group-removed': [path: string];
  /** The whole host's, while the kernel is watched and whenever they have changed. */
  incident: [Incident];
  alert: [Alert];
  cgroups: [HostCgroup[]];
  samples: [Samples];
  /** After followEvents. */
  event: [LoggedEvent];
  /** Begun, or begun anew after a reconnect: no event is missed from here on. */
  following: [];
  /** A message that no agent of this version sends. */
  malformed: [Error];
}

/** A connection to the agent that keeps a mirror of its containers and groups, and parses all that it receives. */
export class AgentClient extends GuardedEmitter<ClientEvents> implements Disposable {
  readonly containers = new Map<string, ContainerView>();
  readonly groups = new Map<string, GroupView>();
  /** Those that the agent remembered, and all since; oldest first. */
  readonly incidents: Incident[] = [];
  readonly #socket: Socket;
  readonly #lost = Promise.withResolvers<never>();
  #watched: WatchRequest | null = null;
  #followsEvents = false;
  #giveUp: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;

  /** `wasShutDown`: an agent that is away will not be back. */
  constructor(socket: Socket, hello: Hello, wasShutDown: () => boolean) {
    super();
    this.#socket = socket;
    this.#mirror(hello);
    this.#lost.promise.catch(() => {});
    const disconnected = (reason: string): void => {
      this.#awaitReturn();
      // After these two socket.io does not try again by itself: an agent that says good-bye, and one that is not ready yet.
      if (reason === 'io server disconnect') this.#connectAgain();
    };
    const refused = (): void => {
      if (wasShutDown()) this.#end(shutDown());
      else if (!socket.active) this.#connectAgain();
    };
    socket.on('disconnect', guarded(WHAT, disconnected)).on('connect_error', guarded(WHAT, refused));
    this.#on(EVENTS.hello, Hello, (again) => {
      clearTimeout(this.#giveUp);
      this.#mirror(again);
      this.emit('hello', again);
      if (this.#followsEvents) this.followEvents().catch((error: Error) => this.emit('malformed', error));
      if (this.#watched !== null) this.watch(this.#watched).catch((error: Error) => this.emit('malformed', error));
    });
    this.#on(EVENTS.container, ContainerView, (view) => {
      this.containers.set(view.id, view);
      this.emit('container', view);
    });
    this.#on(EVENTS.removed, ContainerId, (id) => {
      this.containers.delete(id);
      this.emit('removed', id);
    });
    this.#on(EVENTS.group, GroupView, (group) => {
      this.groups.set(group.path, group);
      this.emit('group', group);
    });
    this.#on(EVENTS.groupRemoved, GroupPath, (path) => {
      this.groups.delete(path);
      this.emit('group-removed', path);
    });
    this.#on(EVENTS.incident, Incident, (incident) => {
      this.incidents.push(incident);
      this.emit('incident', incident);
    });
    this.#on(EVENTS.alert, Alert, (alert) => this.emit('alert', alert));
    this.#on(EVENTS.cgroups, z.array(HostCgroup), (cgroups) => this.emit('cgroups', cgroups));
    this.#on(EVENTS.event, LoggedEvent, (event) => this.emit('event', event));
    this.#on(EVENTS.samples, z.instanceof(Uint8Array), (bytes) => this.emit('samples', decode(bytes)));
  }

  /** Rejects with `unavailable` when the agent has been away for long, or when this client is disposed of. */
  get lost(): Promise<never> {
    return this.#lost.promise;
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  /**
   * Sent again after a lost connection, under the same request id, where the command may be. Throws what the agent answered;
   * `unavailable` when the agent stays away; `deadline-exceeded` without an answer.
   */
  async command<V extends Verb>(verb: V, args: CommandInput<V>): Promise<CommandResult<V>> {
    const { result, deadlineMs, repeat } = COMMANDS[verb] as CommandDefinition;
    const message = { verb, args, request: newRequestId() };
    commandText(message);
    const ask = async (): Promise<unknown> => await this.#ask(EVENTS.command, message, deadlineMs + GRACE_MS);
    const answer = parse(Answer, await (repeat === undefined ? ask() : this.#repeated(ask)), `answer to ${verb}`);
    if (!answer.ok) throw PlimsollError.from(answer.error);
    return parse<unknown>(result, answer.result, `result of ${verb}`) as CommandResult<V>;
  }

  /** The last ten minutes; from now on `samples` events, also after a reconnect, until something else is watched. */
  async watch(request: WatchRequest): Promise<Samples> {
    const answer = parse(WatchAnswer, await this.#ask(EVENTS.watch, request, GRACE_MS), 'answer to watch');
    if (!answer.ok) throw PlimsollError.from(answer.error);
    this.#watched = request;
    return decode(answer.history);
  }

  unwatch(): void {
    this.#watched = null;
    this.#socket.emit(EVENTS.unwatch);
  }

  /** From now on `event` with each that is logged, also after a reconnect; what was logged in between is for event.list. */
  async followEvents(): Promise<void> {
    const answer = parse(EventsAnswer, await this.#ask(EVENTS.events, undefined, GRACE_MS), 'answer to events');
    if (!answer.ok) throw PlimsollError.from(answer.error);
    this.#followsEvents = true;
    this.emit('following');
  }

  unfollowEvents(): void {
    this.#followsEvents = false;
    this.#socket.emit(EVENTS.unevents);
  }

  #connectAgain(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(
      guarded(WHAT, () => this.#socket.connect()),
      AGAIN_MS,
    );
  }

  #awaitReturn(): void {
    clearTimeout(this.#giveUp);
    this.#giveUp = setTimeout(
      guarded(WHAT, () => this.#end(lost())),
      GIVE_UP_MS,
    );
  }

  #end(error: PlimsollError): void {
    // First: `disconnect` is emitted within this call, and its handler sets the timer.
    this.#socket.close();
    clearTimeout(this.#giveUp);
    clearTimeout(this.#again);
    this.#lost.reject(error);
  }

  #mirror({ containers, groups, incidents }: Hello): void {
    this.incidents.splice(0, Infinity, ...incidents);
    this.containers.clear();
    this.groups.clear();
    for (const view of containers) this.containers.set(view.id, view);
    for (const group of groups) this.groups.set(group.path, group);
  }

  #on<T>(event: string, schema: z.ZodType<T>, listener: (message: T) => void): void {
    this.#socket.on(event, (message: unknown) => {
      let parsed: T;
      try {
        parsed = parse(schema, message, event);
      } catch (error) {
        this.emit('malformed', error instanceof Error ? error : new Error(String(error)));
        return;
      }
      attempt(`a listener of ${event}`, () => listener(parsed));
    });
  }

  /** A command that costs the connection each time is not repeated for ever. */
  async #repeated<T>(ask: () => Promise<T>): Promise<T> {
    for (let since: number | null = null; ;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof PlimsollError) || error.code !== 'unavailable') throw error;
        since ??= performance.now();
        if (performance.now() - since > GIVE_UP_MS) throw error;
        if (!this.#socket.connected) await Promise.race([once(this, 'hello'), this.#lost.promise]);
      }
    }
  }

  async #ask(event: string, message: unknown, deadlineMs: number): Promise<unknown> {
    try {
      return await this.#socket.timeout(deadlineMs).emitWithAck(event, message);
    } catch (error) {
      if (!this.#socket.connected) {
        throw lost(error);
      }
      throw new PlimsollError('deadline-exceeded', `the agent did not answer within ${spanInWords(deadlineMs)}`, {
        cause: error,
      });
    }
  }

  /** Whatever waits on this client fails with `unavailable`. */
  [Symbol.dispose](): void {
    this.#end(new PlimsollError('unavailable', 'the connection to the agent was closed'));
  }
}

/** What arrives is a Buffer, whose slice() shares the memory of its pool instead of copying it. */
function decode(bytes: Uint8Array): Samples {
  return decodeSamples(new Uint8Array(bytes));
}
