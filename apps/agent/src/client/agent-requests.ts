import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Answer,
  commandText,
  loadCommand,
  newRequestId,
  parse,
  PlimsollError,
  spanInWords,
  type CommandDefinition,
  type CommandInput,
  type CommandMessage,
  type CommandResult,
  type LogLine,
  type LogsRequestInput,
  type Verb,
} from '@plimsoll/protocol';
import type { z } from 'zod';
import { isListening, launcherSocket } from '../launcher-socket.ts';
import type { StateRoot } from '../state-root.ts';
import { AGAIN_MS, GIVE_UP_MS, GRACE_MS } from './deadlines.ts';
import { isShutDown, lost, readLocalCredential, shutDown } from './local-credential.ts';
import { logChunks } from './log-chunks.ts';
import { send, type Sent } from './request.ts';
import { SeenLines } from './seen-lines.ts';

/** Repeated for so long while it is answered with `unavailable`: a supervisor that was killed is back before. */
const ANSWERED_MS = 10_000;

/** What the agent answered, in contrast to a lost connection. */
class AnsweredError extends Error {
  readonly error: PlimsollError;

  constructor(error: PlimsollError) {
    super(error.message);
    this.error = error;
  }
}

/** What is wanted of an answer, and how a command may be repeated. */
interface Expected<T> extends Pick<CommandDefinition, 'deadlineMs' | 'repeat'> {
  result: z.ZodType<T>;
}

/** A command on its way. */
interface Posted {
  response: Promise<IncomingMessage>;
  giveUp: AbortController;
}

/**
 * Commands to the agent of a state root, each an HTTP request of its own; as `local`, so for root alone. Disposing gives up
 * what is under way, with `unavailable`.
 */
export class AgentRequests implements Disposable {
  readonly #state: StateRoot;
  readonly #credential: string;
  readonly #disposed = new AbortController();
  /** An agent has answered: one that is away now will be back. */
  #wasThere = false;

  /** Throws `unavailable` where no agent has been, and `forbidden` for any other user. */
  constructor(state: StateRoot) {
    this.#state = state;
    this.#credential = readLocalCredential(state);
  }

  /** Aborted when this is disposed of. */
  get disposed(): AbortSignal {
    return this.#disposed.signal;
  }

  /**
   * Sent again under the same request id while the agent is away, where the command may be: it is executed once. Throws what the agent
   * answered; `unavailable` where there is none, or it ends; `deadline-exceeded` without an answer.
   */
  async command<V extends Verb>(verb: V, args: CommandInput<V>): Promise<CommandResult<V>> {
    // The schemas are loaded while the agent works.
    return (await this.#ask<unknown>(verb, args, loadCommand<Verb>(verb))) as CommandResult<V>;
  }

  /** The same, where only a part of the result is wanted: `answer` takes less time to load and to check than all of it. */
  async brief<V extends Verb, T>(verb: V, args: CommandInput<V>, answer: Expected<T>): Promise<T> {
    return await this.#ask(verb, args, Promise.resolve(answer));
  }

  /** Sends it again, under the same request id, while the connection is lost and the command may be repeated. */
  async #ask<T>(verb: Verb, args: unknown, loading: Promise<Expected<T>>): Promise<T> {
    const message: CommandMessage = { verb, args, request: newRequestId() };
    const body = commandText(message);
    let first: Posted | null = this.#post(body);
    // It may fail while the schemas are loaded; that is looked at below.
    first.response.catch(() => {});
    const { result, deadlineMs, repeat } = await loading;
    const attempt = async (): Promise<unknown> => {
      const posted = first ?? this.#post(body);
      first = null;
      return await this.#answerWithin(posted, deadlineMs + GRACE_MS);
    };
    const answer = await this.#repeated(attempt, repeat === undefined ? null : deadlineMs + GRACE_MS);
    return parse(result, answer, `result of ${verb}`);
  }

  #post(body: string): Posted {
    const giveUp = new AbortController();
    return { giveUp, response: this.#send({ path: '/v1/command', body, signal: giveUp.signal }) };
  }

  async #answerWithin({ giveUp, response }: Posted, ms: number): Promise<unknown> {
    const timer = setTimeout(() => giveUp.abort(), ms);
    try {
      return await this.#answer(await response);
    } catch (error) {
      if (!giveUp.signal.aborted) throw error;
      throw new PlimsollError('deadline-exceeded', `the agent did not answer within ${spanInWords(ms)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Repeats what may be repeated while the agent is away, and for some seconds while it answers `unavailable`: its supervisor may be coming
   * back. Throws `unavailable` when it stays so. `withinMs` null: it may not be repeated.
   */
  async #repeated<T>(ask: () => Promise<T>, withinMs: number | null = GIVE_UP_MS): Promise<T> {
    let since: number | null = null;
    let answeredSince: number | null = null;
    for (;;) {
      try {
        return await ask();
      } catch (thrown) {
        const isAnswered = thrown instanceof AnsweredError;
        const error: unknown = isAnswered ? thrown.error : thrown;
        const isAway = error instanceof PlimsollError && error.code === 'unavailable';
        if (!isAway || withinMs === null || this.#disposed.signal.aborted) throw error;
        if (!isAnswered) await this.#requireComingBack(error);
        const now = performance.now();
        since ??= now;
        if (isAnswered) answeredSince ??= now;
        if (now - since > Math.min(GIVE_UP_MS, withinMs)) throw error;
        if (isAnswered && now - (answeredSince ?? now) > ANSWERED_MS) throw error;
        await delay(AGAIN_MS);
      }
    }
  }

  /** Throws where no agent was there, and none is being started again. */
  async #requireComingBack(error: PlimsollError): Promise<void> {
    if (!this.#wasThere && !(await isListening(launcherSocket(this.#state)))) throw error;
    if (isShutDown(this.#state)) throw shutDown(error);
  }

  /** Lines in batches, in order, each once, also across agents. */
  async *logs(request: LogsRequestInput): AsyncGenerator<LogLine[]> {
    const seen = new SeenLines();
    const beganAt = Date.now();
    /** What a later request has otherwise than the first one. */
    const again: Partial<LogsRequestInput> = {};
    for (let brokenSince: number | null = null; ;) {
      const query = queryOf({ ...request, ...again });
      const response = await this.#repeated(() => this.#stream(`/v1/logs?${query.toString()}`));
      try {
        for await (const chunk of logChunks(response)) {
          // The name may be another's by then.
          again.container = chunk.container;
          const [first] = chunk.lines;
          const isAfterLoss = first !== undefined && seen.isAfterLoss(first);
          const lines = chunk.lines.filter((line) => seen.isNew(line));
          if (isAfterLoss) lines.unshift(overwrittenMeanwhile(first.at));
          if (lines.length > 0) brokenSince = null;
          if (lines.length > 0) yield lines;
          if (chunk.end) return;
        }
      } finally {
        response.destroy();
      }
      brokenSince ??= performance.now();
      if (this.#disposed.signal.aborted || performance.now() - brokenSince > GIVE_UP_MS) throw lost();
      await delay(AGAIN_MS);
      // The end of now is not that of the beginning: all that is kept is read again, or all since then.
      again.tail = undefined;
      if (!seen.any && request.tail !== undefined) again.since = Math.max(beganAt, request.since ?? 0);
      seen.beginAgain();
    }
  }

  async #stream(path: string): Promise<IncomingMessage> {
    const response = await this.#send({ path });
    if (response.statusCode !== 200) await this.#answer(response);
    return response;
  }

  /** Throws what is an error, as AnsweredError; an agent that starts counts as one that is away. */
  async #answer(response: IncomingMessage): Promise<unknown> {
    const body = await text(response).catch((cause: unknown) => Promise.reject(lost(cause)));
    const answer = parse(Answer, JSON.parse(body), 'answer');
    if (answer.ok) return answer.result;
    const error = PlimsollError.from(answer.error);
    throw response.headers['retry-after'] === undefined ? new AnsweredError(error) : error;
  }

  async #send({ signal, ...sent }: Omit<Sent, 'state' | 'credential'>): Promise<IncomingMessage> {
    const signals = [this.#disposed.signal, ...(signal === undefined ? [] : [signal])];
    const response = await send({
      ...sent,
      state: this.#state,
      credential: this.#credential,
      signal: AbortSignal.any(signals),
    });
    this.#wasThere = true;
    return response;
  }

  [Symbol.dispose](): void {
    this.#disposed.abort();
  }
}

/** The line that stands for output that was overwritten while the agent was away. */
function overwrittenMeanwhile(at: string): LogLine {
  const text = 'output was not read: the log was overwritten while the agent was away';
  return { at, stream: 'stderr', text, partial: false, gap: true, lostBytes: null };
}

function queryOf(values: Readonly<Record<string, string | number | boolean | undefined>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return query;
}
