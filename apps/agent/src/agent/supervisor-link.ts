import { createConnection, type Socket } from 'node:net';
import { parse, PlimsollError, requireReadable, type Incident } from '@plimsoll/protocol';
import { guarded, GuardedEmitter } from '@plimsoll/core/guarded';
import { sizeInWords, spanInWords } from '@plimsoll/protocol/quantities';
import type { LedgerRecord } from '../supervisor/ledger-record.ts';
import {
  MAX_LINE_BYTES,
  SUPERVISOR_PROTOCOL,
  SUPERVISOR_VERBS,
  SupervisorMessage,
  type ContainerRecord,
  type GroupRecord,
  type RequestKey,
  type SupervisorArgs,
  type SupervisorResult,
  type SupervisorVerb,
} from '../supervisor/protocol.ts';
import { LineSplitter } from './json-lines.ts';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2000;
const SUBSCRIBE_DEADLINE_MS = 10_000;
/** What a command waits for a supervisor that is away: less than any command's deadline. Its client repeats it after that. */
const BACK_WITHIN_MS = 5000;
/** The first answer tells of every container at once: as long as that many of the longest requests. */
const MAX_ANSWER_BYTES = 64 * MAX_LINE_BYTES;

/** Codes of a failed connect(2) to a socket without a listener: no supervisor runs. */
const NO_LISTENER: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ECONNREFUSED']);

/** In the log, of an error in a callback. */
const WHAT = 'the connection to the supervisor';

type Subscription = SupervisorResult<'subscribe'>;

interface LinkEvents {
  /** The whole truth at this moment; `container` and `removed` keep it true until `disconnected`. */
  connected: [Subscription];
  disconnected: [reason: string];
  /** Something listens, and no connection comes about; once for each reason, and tried again. */
  unreachable: [reason: string];
  /** It is of a version whose messages this program does not know; tried again all the same. */
  refused: [PlimsollError];
  container: [ContainerRecord];
  removed: [id: string];
  group: [GroupRecord];
  'group-removed': [path: string];
  incident: [Incident];
  ledger: [LedgerRecord];
}

interface Sent<V extends SupervisorVerb> {
  verb: V;
  args: SupervisorArgs<V>;
  request?: RequestKey | undefined;
}

interface Pending {
  verb: SupervisorVerb;
  settle: (answer: { ok: true; result: unknown } | { ok: false; error: PlimsollError }) => void;
}

/** The agent's one connection to the supervisor. It comes back by itself; while it is away requests fail with `unavailable`. */
export class SupervisorLink extends GuardedEmitter<LinkEvents> implements Disposable {
  readonly #path: string;
  readonly #pending = new Map<number, Pending>();
  #socket: Socket | null = null;
  #subscribed = false;
  #nextId = 1;
  #retryMs = FIRST_RETRY_MS;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  #reason: string | null = null;

  constructor(socketPath: string) {
    super();
    this.#path = socketPath;
  }

  get connected(): boolean {
    return this.#subscribed;
  }

  /** Of the last attempt; null: it came about, or there was none. */
  get whyNotConnected(): string | null {
    return this.#reason;
  }

  /** Begins to connect, and never gives up before it is disposed of. */
  open(): void {
    const socket = createConnection(this.#path);
    const lines = new LineSplitter(MAX_ANSWER_BYTES);
    let reason: NodeJS.ErrnoException = new Error('it closed the connection');
    this.#socket = socket;
    socket.on(
      'connect',
      guarded(WHAT, () => this.#subscribe(socket)),
    );
    const received = (chunk: Buffer): void => {
      try {
        for (const line of lines.push(chunk)) this.#receive(line);
      } catch (error) {
        // It does not speak the protocol. An error of a listener does not come here (GuardedEmitter).
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    };
    socket.on('data', guarded(WHAT, received));
    socket.on('error', (error) => (reason = error));
    socket.on(
      'close',
      guarded(WHAT, () => this.#lost(reason)),
    );
  }

  #subscribe(socket: Socket): void {
    const subscribed = this.#send(socket, { verb: 'subscribe', args: {} }, SUBSCRIBE_DEADLINE_MS, (subscription) => {
      this.#requireReadable(subscription);
      // Within the turn that read the answer: the events right behind it belong on top of it.
      this.#subscribed = true;
      this.#retryMs = FIRST_RETRY_MS;
      this.#reason = null;
      this.emit('connected', subscription);
    });
    subscribed.catch((error: Error) => socket.destroy(error));
  }

  #requireReadable({ protocol }: Subscription): void {
    try {
      requireReadable('what the supervisor sends', protocol, SUPERVISOR_PROTOCOL);
    } catch (error) {
      if (error instanceof PlimsollError) this.emit('refused', error);
      throw error;
    }
  }

  /**
   * Throws what the supervisor answered, `unavailable` without a supervisor, `deadline-exceeded` without an answer. With the `request`
   * key of a command it is sent again after a lost connection, and waits some seconds for a supervisor that is away.
   */
  async request<V extends SupervisorVerb>(
    verb: V,
    args: SupervisorArgs<V>,
    deadlineMs: number,
    request?: RequestKey,
  ): Promise<SupervisorResult<V>> {
    const endMs = performance.now() + deadlineMs;
    for (;;) {
      try {
        if (this.#socket === null || !this.#subscribed) throw unavailable();
        return await this.#send(this.#socket, { verb, args, request }, endMs - performance.now());
      } catch (error) {
        const isAway = error instanceof PlimsollError && error.code === 'unavailable';
        if (!isAway || request === undefined || this.#closed) throw error;
        await this.#untilBack(Math.min(BACK_WITHIN_MS, endMs - performance.now()));
      }
    }
  }

  /** Throws `unavailable` where it does not come back in time. */
  async #untilBack(withinMs: number): Promise<void> {
    if (this.#subscribed) return;
    const back = Promise.withResolvers<void>();
    const timer = setTimeout(() => back.reject(unavailable()), Math.max(0, withinMs));
    const connected = (): void => back.resolve();
    this.once('connected', connected);
    try {
      await back.promise;
    } finally {
      clearTimeout(timer);
      this.off('connected', connected);
    }
  }

  #send<V extends SupervisorVerb>(
    socket: Socket,
    { verb, args, request }: Sent<V>,
    deadlineMs: number,
    onResult?: (result: SupervisorResult<V>) => void,
  ): Promise<SupervisorResult<V>> {
    const id = this.#nextId++;
    const line = `${JSON.stringify({ id, verb, args, request })}\n`;
    if (Buffer.byteLength(line) > MAX_LINE_BYTES) {
      return Promise.reject(new PlimsollError('too-large', `${verb}: the request is longer than ${sizeInWords(MAX_LINE_BYTES)}`));
    }
    const { promise, resolve, reject } = Promise.withResolvers<SupervisorResult<V>>();
    const expired = (): void => {
      this.#pending.delete(id);
      reject(new PlimsollError('deadline-exceeded', `the supervisor did not answer ${verb} within ${spanInWords(deadlineMs)}`));
    };
    const deadline = setTimeout(guarded(WHAT, expired), deadlineMs);
    this.#pending.set(id, {
      verb,
      settle: (answer) => {
        clearTimeout(deadline);
        this.#pending.delete(id);
        if (!answer.ok) return reject(answer.error);
        const parsed = SUPERVISOR_VERBS[verb].result.safeParse(answer.result);
        if (!parsed.success) {
          return reject(new Error(`the supervisor's answer to ${verb} has an unknown shape`, { cause: parsed.error }));
        }
        const result = parsed.data as SupervisorResult<V>;
        onResult?.(result);
        resolve(result);
      },
    });
    socket.write(line);
    return promise;
  }

  #receive(line: string): void {
    const message = parse(SupervisorMessage, JSON.parse(line), 'message of the supervisor');
    if ('event' in message) {
      this.#tell(message);
    } else {
      // No one waits any more where the deadline came first.
      const pending = this.#pending.get(message.id);
      pending?.settle(message.ok ? message : { ok: false, error: PlimsollError.from(message.error) });
    }
  }

  #tell(message: Extract<SupervisorMessage, { event: string }>): void {
    switch (message.event) {
      case 'container':
        return void this.emit('container', message.record);
      case 'removed':
        return void this.emit('removed', message.id);
      case 'group':
        return void this.emit('group', message.group);
      case 'group-removed':
        return void this.emit('group-removed', message.path);
      case 'incident':
        return void this.emit('incident', message.incident);
      case 'ledger':
        return void this.emit('ledger', message.record);
    }
  }

  #lost({ code, message: reason }: NodeJS.ErrnoException): void {
    const wasSubscribed = this.#subscribed;
    const isNew = reason !== this.#reason;
    this.#reason = reason;
    this.#socket = null;
    this.#subscribed = false;
    for (const { settle } of [...this.#pending.values()]) settle({ ok: false, error: unavailable() });
    if (this.#closed) return;
    if (wasSubscribed) this.emit('disconnected', reason);
    else if (isNew && !NO_LISTENER.has(code)) this.emit('unreachable', reason);
    this.#retry = setTimeout(
      guarded(WHAT, () => this.open()),
      this.#retryMs,
    );
    this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.destroy();
  }
}

function unavailable(): PlimsollError {
  return new PlimsollError('unavailable', 'the supervisor is not there');
}
