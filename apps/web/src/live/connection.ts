import {
  Answer,
  COMMANDS,
  commandText,
  ErrorBody,
  EVENTS,
  newRequestId,
  parse,
  PlimsollError,
  PROTOCOL,
  type CommandDefinition,
  type CommandInput,
  type CommandMessage,
  type CommandResult,
  type Verb,
} from '@plimsoll/protocol';
import { io, type Socket } from 'socket.io-client';
import { BASE_PATH } from '../lib/base-path.ts';
import { FrameNotifier } from './frame-notifier.ts';

export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'online' }
  /** `since` is in milliseconds since the epoch. */
  | { kind: 'offline'; since: number }
  | { kind: 'signed-out' };

const LIVE_PATH = `${BASE_PATH}/socket.io/`;
const REQUEST_DEADLINE_MS = 15_000;
/** A command that costs the connection each time is not repeated for ever. */
const REPEATED_WITHIN_MS = 60_000;

/** A connection to the agent, by way of the web server of the same origin. */
export class AgentConnection {
  readonly notifier = new FrameNotifier();
  readonly #socket: Socket;
  #state: ConnectionState = { kind: 'connecting' };
  #closed = false;
  /** Resolves once the first attempt to connect has come out one way or the other. */
  readonly #attempted = Promise.withResolvers<void>();

  constructor() {
    this.#socket = io({
      path: LIVE_PATH,
      forceNew: true,
      transports: ['websocket', 'polling'],
      reconnectionDelay: 250,
      reconnectionDelayMax: 3000,
      auth: { protocol: PROTOCOL },
    });
    this.#socket.on('connect', () => this.#enter({ kind: 'online' }));
    this.#socket.on('disconnect', (reason) => {
      this.#enter({ kind: 'offline', since: Date.now() });
      // The one disconnect after which socket.io does not try again by itself: an agent that shuts down says good-bye so.
      if (reason === 'io server disconnect') this.#connectIn(500);
    });
    this.#socket.on('connect_error', (error: Error & { data?: unknown }) => {
      if (ErrorBody.safeParse(error.data).data?.code === 'unauthorized') return this.#enter({ kind: 'signed-out' });
      if (this.#state.kind === 'connecting') this.#enter({ kind: 'offline', since: Date.now() });
      void this.#lookForSession();
      // An error of the agent's handshake, unlike one of the transport, also ends socket.io's own attempts.
      if (!this.#socket.active) this.#connectIn(2000);
    });
  }

  readonly state = (): ConnectionState => this.#state;

  /** For good. */
  close(): void {
    this.#closed = true;
    this.#socket.disconnect();
  }

  /** Calls back at each connect from now on, and at once when connected. */
  onConnect(listener: () => void): () => void {
    this.#socket.on('connect', listener);
    if (this.#socket.connected) listener();
    return () => this.#socket.off('connect', listener);
  }

  onEvent(name: string, listener: (payload: unknown) => void): () => void {
    this.#socket.on(name, listener);
    return () => this.#socket.off(name, listener);
  }

  /** Sends nothing while offline: what is asked for then is asked for again at the next connect. */
  send(name: string): void {
    if (this.#socket.connected) this.#socket.emit(name);
  }

  /** One event with its acknowledgement, unparsed. Rejects with a PlimsollError. */
  async request(name: string, payload: unknown, deadlineMs = REQUEST_DEADLINE_MS): Promise<unknown> {
    // Who is quick with a page that has just come is not told that the agent is away.
    if (this.#state.kind === 'connecting') await this.#attempted.promise;
    if (!this.#socket.connected) throw new PlimsollError('unavailable', 'The agent cannot be reached at the moment.');
    try {
      return await this.#socket.timeout(deadlineMs).emitWithAck(name, payload);
    } catch (cause) {
      throw this.#socket.connected
        ? new PlimsollError('deadline-exceeded', 'The agent has not answered in time.', { cause })
        : new PlimsollError('unavailable', 'The connection to the agent broke before it answered.', { cause });
    }
  }

  /**
   * Gives a command and waits for its result; sends it again, under the same request id, where the connection breaks before the answer and
   * the command may be repeated. Rejects with a PlimsollError: the agent's own, or one of the way there.
   */
  async command<V extends Verb>(verb: V, args: CommandInput<V>): Promise<CommandResult<V>> {
    const { result, deadlineMs, repeat } = COMMANDS[verb] as CommandDefinition;
    const message = { verb, args, request: newRequestId() };
    commandText(message);
    const answer = parse(Answer, await this.#repeated(message, deadlineMs, repeat !== undefined), 'answer of the agent');
    if (!answer.ok) throw PlimsollError.from(answer.error);
    return parse<unknown>(result, answer.result, `answer to ${verb}`) as CommandResult<V>;
  }

  async #repeated(message: CommandMessage, deadlineMs: number, mayRepeat: boolean): Promise<unknown> {
    const end = performance.now() + REPEATED_WITHIN_MS;
    for (;;) {
      const wasConnected = this.#socket.connected;
      try {
        return await this.request(EVENTS.command, message, deadlineMs);
      } catch (error) {
        const isBroken = error instanceof PlimsollError && error.code === 'unavailable' && wasConnected;
        const mayAgain = isBroken && mayRepeat && performance.now() < end;
        if (!mayAgain || !(await this.#connectedWithin(REQUEST_DEADLINE_MS))) throw error;
      }
    }
  }

  async #connectedWithin(ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), ms);
    const stop = this.onConnect(() => resolve(true));
    const isConnected = await promise;
    clearTimeout(timer);
    stop();
    return isConnected;
  }

  #connectIn(delayMs: number): void {
    setTimeout(() => {
      if (!this.#closed) this.#socket.connect();
    }, delayMs);
  }

  /** A WebSocket that the web server refused for want of a cookie looks like a dead server: by HTTP it has a status. */
  async #lookForSession(): Promise<void> {
    const answer = await fetch(LIVE_PATH, { method: 'HEAD' }).catch(() => null);
    if (answer?.status === 401) this.#enter({ kind: 'signed-out' });
  }

  #enter(state: ConnectionState): void {
    if (this.#state.kind === state.kind) return;
    this.#state = state;
    this.#attempted.resolve();
    this.notifier.changed();
  }
}
