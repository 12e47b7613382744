import { setTimeout as delay } from 'node:timers/promises';
import { guarded, GuardedEmitter } from '@plimsoll/core/guarded';
import type { EventPage, EventQuery, LoggedEvent } from '@plimsoll/protocol';
import { WorkerThread } from '../database/worker-thread.ts';
import { WriteTrouble } from '../database/write-trouble.ts';
import { failure, log } from '../log.ts';
import type { Batch, Retention } from './event-store.ts';
import { newEvent, type NewEvent } from './new-event.ts';
import type { EventMethods, EventThreadData } from './worker.ts';

const RETRY_MS = 1000;
const TRIM_EVERY_MS = 3_600_000;
/** While the disk takes none. What comes after these is counted, and told of when it takes some again. */
const MOST_WAITING = 10_000;
const MOST_AT_ONCE = 500;

/** What goes into the file whole or not at all. */
interface Unit {
  events: readonly NewEvent[];
  known: readonly [thing: string, value: string | null] | null;
}

/**
 * The log of what happened and of who did what. Recording waits for nothing: what is recorded is written behind each other in a
 * thread, all that has come meanwhile at once, and told of (`event`) when it is in the file.
 */
export class EventLog extends GuardedEmitter<{ event: [LoggedEvent] }> implements AsyncDisposable {
  readonly #thread: WorkerThread<EventMethods>;
  /** What the log knows of each thing, with what is still to be written. */
  readonly #known: Map<string, string>;
  /** To be written, the first of them perhaps under way. */
  readonly #waiting: Unit[] = [];
  #lost = 0;
  #writing: Promise<void> | null = null;
  /** The batch under way; settles however it comes out. */
  #batch: Promise<unknown> = Promise.resolve();
  readonly #trouble = new WriteTrouble('the log of events');
  #closing = false;
  #settledMs: () => number | null = () => null;
  readonly #trimmer: NodeJS.Timeout;

  private constructor(thread: WorkerThread<EventMethods>, known: readonly [string, string][]) {
    super();
    this.#thread = thread;
    this.#known = new Map(known);
    this.#trimmer = setInterval(
      guarded('the trimming of events', () => this.#trim()),
      TRIM_EVERY_MS,
    ).unref();
  }

  /** `host`: its id. A file that cannot be opened is tried again with each event; what is known of things is not there then. */
  static async open(path: string, retention: Retention, host: string): Promise<EventLog> {
    const data: EventThreadData = { path, retention, host };
    const thread = new WorkerThread<EventMethods>(new URL('./worker.ts', import.meta.url), data, (error) =>
      log('error', 'the log of events is written no more', { path, error }),
    );
    const events = new EventLog(thread, await thread.call('known').catch(() => []));
    await events.#trim();
    return events;
  }

  /** From now on events are dropped for their age as well, whenever this clock can be trusted. */
  async ageBy(settledMs: () => number | null): Promise<void> {
    this.#settledMs = settledMs;
    await this.#trim();
  }

  /** Where the database is; alerts are kept there as well. */
  get thread(): WorkerThread<EventMethods> {
    return this.#thread;
  }

  /** Takes events, in order, and what is known of a thing from then on: both are written, or neither. */
  record(events: readonly NewEvent[], known?: readonly [thing: string, value: object | null]): void {
    const [thing, value] = known ?? [null, null];
    const text = value === null ? null : JSON.stringify(value);
    if (thing !== null && text === null) this.#known.delete(thing);
    if (thing !== null && text !== null) this.#known.set(thing, text);
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push({ events, known: thing === null ? null : [thing, text] });
    else this.#lost += events.length;
    this.#writing ??= this.#write();
  }

  /** What the log was last told of a thing. */
  known(thing: string): unknown {
    const value = this.#known.get(thing);
    if (value === undefined) return undefined;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      // SQLite does not notice a flipped bit in a text.
      return undefined;
    }
  }

  /** The things that it knows of, by their first word. */
  *knownOf(kind: string): Iterable<string> {
    for (const thing of this.#known.keys()) if (thing.startsWith(`${kind} `)) yield thing.slice(kind.length + 1);
  }

  /** With all that was recorded before, unless the disk does not take it. */
  async list(query: EventQuery): Promise<EventPage> {
    const newest = this.#waiting.at(-1);
    while (newest !== undefined && this.#waiting.includes(newest) && !this.#trouble.isThere) await this.#batch;
    return await this.#thread.call('list', query);
  }

  /** Ends it when everything that was recorded is in the file, or the disk does not take it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    clearInterval(this.#trimmer);
    await this.#writing;
    await this.#thread[Symbol.asyncDispose]();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const written = this.#send();
      this.#batch = written;
      if (await written) continue;
      if (this.#closing) break;
      await delay(RETRY_MS, undefined, { ref: false });
    }
    this.#writing = null;
  }

  /** Whether the disk took them. */
  async #send(): Promise<boolean> {
    const units = this.#waiting.slice(0, MOST_AT_ONCE);
    const lost = this.#lost;
    const batch: Batch = {
      events: units.flatMap(({ events }) => events),
      known: units.flatMap(({ known }) => (known === null ? [] : [known])),
    };
    if (lost > 0) batch.events = [...batch.events, newEvent({ kind: 'log.lost', subject: 'log', detail: { lost } })];
    let added: LoggedEvent[];
    try {
      added = await this.#thread.call('append', batch);
    } catch (error) {
      this.#trouble.failed(error);
      return false;
    }
    this.#trouble.succeeded();
    this.#lost -= lost;
    this.#waiting.splice(0, units.length);
    for (const event of added) this.emit('event', event);
    return true;
  }

  async #trim(): Promise<void> {
    try {
      for (const event of await this.#thread.call('trim', Date.now(), this.#settledMs())) this.emit('event', event);
    } catch (error) {
      log('error', 'the oldest events cannot be dropped', failure(error));
    }
  }
}
