import { EVENTS, LogChunk, LogsAnswer, type LogLine } from '@plimsoll/protocol';
import { cleanLogText } from '../lib/log-text.ts';
import type { AgentConnection } from './connection.ts';
import { FrameNotifier } from './frame-notifier.ts';

const TAIL_LINES = 1000;
const MAX_LINES = 5000;

export interface ShownLine {
  /** Grows with every line, and stays with its line: a key for lists. */
  number: number;
  at: string;
  stream: LogLine['stream'];
  text: string;
  /** Output is missing here; the text says how much. */
  gap: boolean;
}

/** The last lines of one container's log, following. */
export class LogLines {
  readonly notifier = new FrameNotifier();
  readonly #connection: AgentConnection;
  readonly #id: string;
  #lines: ShownLine[] = [];
  #next = 0;
  #ended = false;
  #error: string | null = null;
  readonly #open: Record<LogLine['stream'], boolean> = { stdout: false, stderr: false };

  constructor(connection: AgentConnection, id: string) {
    this.#connection = connection;
    this.#id = id;
  }

  get lines(): readonly ShownLine[] {
    return this.#lines;
  }

  /** The container has ended, and nothing follows. */
  get ended(): boolean {
    return this.#ended;
  }

  get error(): string | null {
    return this.#error;
  }

  follow(): () => void {
    const offConnect = this.#connection.onConnect(() => {
      this.#restart();
      const request = { container: this.#id, tail: TAIL_LINES, follow: true };
      this.#connection.request(EVENTS.logs, request).then(
        (payload) => {
          const answer = LogsAnswer.safeParse(payload);
          if (answer.success && !answer.data.ok) this.#fail(answer.data.error.message);
        },
        () => undefined,
      );
    });
    const offLog = this.#connection.onEvent(EVENTS.log, (payload) => {
      const chunk = LogChunk.safeParse(payload);
      if (chunk.success && chunk.data.container === this.#id) this.#add(chunk.data);
    });
    return () => {
      offConnect();
      offLog();
      this.#connection.send(EVENTS.unlogs);
    };
  }

  #restart(): void {
    this.#lines = [];
    this.#ended = false;
    this.#error = null;
    this.#open.stdout = false;
    this.#open.stderr = false;
    this.notifier.changed();
  }

  #fail(message: string): void {
    this.#error = message;
    this.notifier.changed();
  }

  #add(chunk: LogChunk): void {
    const lines = [...this.#lines];
    for (const { at, stream, text, partial, gap = false } of chunk.lines) {
      const open = this.#open[stream] && !gap ? lines.findLastIndex((line) => line.stream === stream) : -1;
      const begun = lines[open];
      if (begun !== undefined) lines[open] = { ...begun, text: begun.text + cleanLogText(text) };
      else lines.push({ number: this.#next++, at, stream, text: cleanLogText(text), gap });
      this.#open[stream] = partial;
    }
    this.#lines = lines.length > MAX_LINES ? lines.slice(-MAX_LINES) : lines;
    this.#ended = chunk.end;
    this.notifier.changed();
  }
}
