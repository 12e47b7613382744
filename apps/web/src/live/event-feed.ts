import {
  EVENTS,
  LoggedEvent,
  matchesEvent,
  MOST_EVENTS,
  PlimsollError,
  type EventFilter,
  type EventPage,
} from '@plimsoll/protocol';
import type { AgentConnection } from './connection.ts';
import { FrameNotifier } from './frame-notifier.ts';

const PAGE = 100;
/** Of a page that stays open: beyond these the oldest are asked for again. */
const MOST_KEPT = 2000;

/** The log of events as the page shows it: the newest on top, as they come, and as far back as was asked for. */
export class EventFeed {
  readonly notifier = new FrameNotifier();
  readonly #connection: AgentConnection;
  #filter: EventFilter = {};
  #events: readonly LoggedEvent[] | null;
  /** Came while the reader was further down. */
  #held: readonly LoggedEvent[] = [];
  #isHolding = false;
  /** The highest that was shown, or looked at and left out. */
  #last = 0;
  #hasOlder = true;
  #error: PlimsollError | null = null;
  /** Of the newest question: the answer to an earlier one is of no use. */
  #question = 0;
  #isAsking = false;
  #isFollowing = false;
  /** What the events that are shown were asked for by. */
  #shown: EventFilter | null = null;

  constructor(connection: AgentConnection, initial: EventPage | null) {
    this.#connection = connection;
    this.#events = initial?.events ?? null;
    this.#last = initial?.last ?? 0;
    this.#hasOlder = initial === null || initial.events.length >= PAGE;
  }

  /** Newest first; null before the first answer. */
  get events(): readonly LoggedEvent[] | null {
    return this.#events;
  }

  get heldBack(): number {
    return this.#held.length;
  }

  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  get hasOlder(): boolean {
    return this.#hasOlder;
  }

  get error(): PlimsollError | null {
    return this.#error;
  }

  /** From now on what is logged comes by itself. Returns its end. */
  follow(): () => void {
    const offEvent = this.#connection.onEvent(EVENTS.event, (payload) => {
      const event = LoggedEvent.safeParse(payload);
      if (event.success) this.#take(event.data);
    });
    this.#isFollowing = true;
    const offConnect = this.#connection.onConnect(() => void this.#begin());
    return () => {
      this.#isFollowing = false;
      offEvent();
      offConnect();
      this.#connection.send(EVENTS.unevents);
    };
  }

  /** Others than before; those are shown until these are there. */
  show(filter: EventFilter): void {
    this.#filter = filter;
    if (this.#isFollowing) void this.#begin();
  }

  /** While the reader is further down, or reads one: nothing moves under their eyes. */
  hold(isHolding: boolean): void {
    this.#isHolding = isHolding;
    if (!isHolding && this.#held.length > 0) this.#put([...this.#held, ...(this.#events ?? [])]);
  }

  async older(): Promise<void> {
    const before = this.#events?.at(-1)?.seq;
    if (before === undefined || this.#isAsking) return;
    this.#isAsking = true;
    const question = this.#question;
    const page = await this.#ask({ before, limit: PAGE });
    this.#isAsking = false;
    if (page === null || question !== this.#question) return;
    this.#events = [...(this.#events ?? []), ...page.events];
    this.#hasOlder = page.events.length === PAGE;
    this.notifier.changed();
  }

  /** All that match, newest first, up to `most`. Rejects with a PlimsollError. */
  async all(most: number): Promise<LoggedEvent[]> {
    const events: LoggedEvent[] = [];
    for (let before: number | undefined; events.length < most; before = events.at(-1)?.seq) {
      const limit = Math.min(MOST_EVENTS, most - events.length);
      const page = await this.#connection.command('event.list', {
        ...this.#filter,
        limit,
        ...(before !== undefined && { before }),
      });
      events.push(...page.events);
      if (page.events.length < limit) break;
    }
    return events;
  }

  /** What was missed, if that is not too much; otherwise the newest. */
  async #begin(): Promise<void> {
    const question = ++this.#question;
    this.#isAsking = false;
    const asked = this.#filter;
    // What comes live from here on, before the answer, may have others missing below it.
    const newest = (this.#held[0] ?? this.#events?.[0])?.seq ?? 0;
    try {
      await this.#connection.request(EVENTS.events, null);
    } catch (error) {
      return this.#fail(error);
    }
    const page = question === this.#question ? await this.#ask({ limit: PAGE }) : null;
    if (page === null || question !== this.#question) return;
    this.#last = page.last;
    const isWhole = page.events.length < PAGE;
    if (this.#shown === asked && (isWhole || (page.events.at(-1)?.seq ?? 0) <= newest)) {
      const missed = page.events.filter(({ seq }) => seq > newest);
      const isKnown = ({ seq }: LoggedEvent): boolean => seq <= newest;
      const held = this.#held.filter(isKnown);
      const shown = (this.#events ?? []).filter(isKnown);
      if (this.#isHolding) [this.#held, this.#events] = [[...missed, ...held], shown];
      else this.#put([...missed, ...held, ...shown]);
    } else {
      this.#shown = asked;
      this.#hasOlder = !isWhole;
      this.#put(page.events);
    }
    this.notifier.changed();
  }

  async #ask(cursor: { before?: number; limit: number }): Promise<EventPage | null> {
    try {
      const page = await this.#connection.command('event.list', { ...this.#filter, ...cursor });
      this.#error = null;
      return page;
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  #take(event: LoggedEvent): void {
    if (this.#events === null || event.seq <= this.#last) return;
    this.#last = event.seq;
    if (!matchesEvent(this.#filter, event)) return;
    if (this.#isHolding) {
      this.#held = [event, ...this.#held].slice(0, MOST_KEPT);
      this.notifier.changed();
    } else {
      this.#put([event, ...this.#events]);
    }
  }

  #put(events: readonly LoggedEvent[]): void {
    this.#held = [];
    this.#events = events;
    if (!this.#isHolding && events.length > MOST_KEPT) {
      this.#events = events.slice(0, MOST_KEPT);
      this.#hasOlder = true;
    }
    this.notifier.changed();
  }

  #fail(error: unknown): void {
    if (!(error instanceof PlimsollError)) throw error;
    // Without the agent the page's banner says so, and what is shown stays.
    this.#error = error.code === 'unavailable' ? null : error;
    this.notifier.changed();
  }
}
