import { EVENTS, LogChunk, LogsAnswer, parse, PlimsollError, type LogLine, type LogsRequestInput } from '@plimsoll/protocol';
import type { Socket } from 'socket.io-client';

/** One reading of a log. After a reconnect it asks for all that is kept, and leaves out what it has given already. */
export class LogSubscription {
  readonly #socket: Socket;
  readonly #ask: (request: LogsRequestInput) => Promise<unknown>;
  #chunks: LogChunk[] = [];
  #arrived = Promise.withResolvers<void>();
  #failure: Error | null = null;
  #container = '';
  /** Time of the last line given, and how many lines of just that time were: lines of one read share a time. */
  #lastAt = '';
  #countAtLast = 0;
  /** While a log is read again up to where it was left; lines of time #lastAt that are still to be left out. */
  #isCatchingUp = false;
  #toSkip = 0;

  /** `lost` rejects when the connection is given up. */
  constructor(socket: Socket, ask: (request: LogsRequestInput) => Promise<unknown>, lost: Promise<never>) {
    this.#socket = socket;
    this.#ask = ask;
    lost.catch(this.#fail);
  }

  async *read(request: LogsRequestInput): AsyncGenerator<LogLine[]> {
    const received = (message: unknown): void => this.#receive(message);
    const reconnected = (): void => {
      this.#chunks = [];
      this.#isCatchingUp = true;
      this.#toSkip = this.#countAtLast;
      this.#begin({ ...request, ...(this.#lastAt !== '' && { tail: undefined }) }).catch(this.#fail);
    };
    this.#socket.on(EVENTS.log, received).on(EVENTS.hello, reconnected);
    try {
      await this.#begin(request);
      for (;;) {
        if (this.#failure !== null) throw this.#failure;
        const chunk = this.#chunks.shift();
        if (chunk === undefined) {
          await this.#arrived.promise;
          this.#arrived = Promise.withResolvers();
          continue;
        }
        const lines = chunk.lines.filter((line) => this.#isNew(line));
        if (lines.length > 0) yield lines;
        if (chunk.end) return;
      }
    } finally {
      this.#socket.off(EVENTS.log, received).off(EVENTS.hello, reconnected);
      this.#socket.emit(EVENTS.unlogs);
    }
  }

  async #begin(request: LogsRequestInput): Promise<void> {
    const answer = parse(LogsAnswer, await this.#ask(request), 'answer to logs');
    if (!answer.ok) throw PlimsollError.from(answer.error);
    this.#container = answer.container;
  }

  #receive(message: unknown): void {
    try {
      const chunk = parse(LogChunk, message, 'log');
      // One that was read before may still have sent its last.
      if (this.#container !== '' && chunk.container !== this.#container) return;
      this.#chunks.push(chunk);
      this.#arrived.resolve();
    } catch (error) {
      this.#fail(error);
    }
  }

  readonly #fail = (error: unknown): void => {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
    this.#arrived.resolve();
  };

  #isNew({ at }: LogLine): boolean {
    if (this.#isCatchingUp) {
      // Times have a fixed number of digits: they sort as text.
      if (at < this.#lastAt) return false;
      if (at === this.#lastAt && this.#toSkip > 0) {
        this.#toSkip -= 1;
        return false;
      }
      this.#isCatchingUp = false;
    }
    this.#countAtLast = at === this.#lastAt ? this.#countAtLast + 1 : 1;
    this.#lastAt = at;
    return true;
  }
}
