import { setTimeout as delay } from 'node:timers/promises';
import { GuardedEmitter } from '@plimsoll/core/guarded';
import { isOpen, type Alert } from '@plimsoll/protocol';
import type { WorkerThread } from '../database/worker-thread.ts';
import type { EventLog } from '../events/event-log.ts';
import { WriteTrouble } from '../database/write-trouble.ts';
import { eventOfAlert } from './alert-events.ts';
import type { AlertMethods } from './alert-methods.ts';
import { MOST_ALERTS } from './alert-store.ts';
import type { Delivery } from './delivery.ts';

const RETRY_MS = 1000;
const MOST_AT_ONCE = 200;
/** Told to a client that has just come. */
const MOST_TOLD = 100;
/** Found out anew in the log at each start, since a kill may have come between the two files. */
const TOLD_AGAIN = 50;

type Occasion = 'alert.fired' | 'alert.resolved';

interface Change {
  alert: Alert;
  /** Null: nothing that the log is told of. */
  occasion: Occasion | null;
  deliveries: readonly Delivery[];
  seen: number | null;
}

/**
 * What rules have found. A change holds here at once; it is told of, and delivered, when it is in the file: who was told once is
 * never told of the same thing under another id.
 */
export class Alerts extends GuardedEmitter<{ alert: [Alert]; deliveries: [readonly Delivery[]] }> implements AsyncDisposable {
  readonly #thread: WorkerThread<AlertMethods>;
  readonly #events: Pick<EventLog, 'record'>;
  /** By id, the oldest first. */
  readonly #alerts: Map<string, Alert>;
  #waiting: Change[] = [];
  #writing: Promise<void> | null = null;
  #isClosing = false;
  readonly #trouble = new WriteTrouble('the file of alerts');

  constructor(thread: WorkerThread<AlertMethods>, events: Pick<EventLog, 'record'>, loaded: readonly Alert[]) {
    super();
    this.#thread = thread;
    this.#events = events;
    this.#alerts = new Map(loaded.map((alert) => [alert.id, alert]));
    for (const alert of loaded.slice(-TOLD_AGAIN)) {
      const isOver = alert.until !== null && alert.cause.kind !== 'event';
      events.record([eventOfAlert('alert.fired', alert), ...(isOver ? [eventOfAlert('alert.resolved', alert)] : [])]);
    }
  }

  /** The newest first. */
  get all(): Alert[] {
    return [...this.#alerts.values()].toReversed();
  }

  /** Those that fire or that nobody has seen: the newest of them, oldest first. */
  get open(): Alert[] {
    return [...this.#alerts.values()].filter(isOpen).slice(-MOST_TOLD);
  }

  get firing(): Alert[] {
    return [...this.#alerts.values()].filter(({ until }) => until === null);
  }

  get(id: string): Alert | undefined {
    return this.#alerts.get(id);
  }

  /** A new one, or one that has changed. `seen`: of an event, its number. */
  put(alert: Alert, { occasion = null, deliveries = [], seen = null }: Partial<Omit<Change, 'alert'>> = {}): void {
    this.#alerts.set(alert.id, alert);
    this.#waiting.push({ alert, occasion, deliveries, seen });
    this.#writing ??= this.#write();
    this.#forgetOldest();
  }

  /** Says that somebody has seen them, and resolves when that is in the file, or waits for the disk. */
  async acknowledge(ids: readonly string[] | undefined): Promise<void> {
    const acknowledgedAt = Date.now();
    for (const alert of ids?.flatMap((id) => this.#alerts.get(id) ?? []) ?? this.#alerts.values()) {
      if (alert.acknowledgedAt === null) this.put({ ...alert, acknowledgedAt });
    }
    await Promise.race([this.#writing, this.#trouble.begun]);
  }

  /** Ends when what has changed is in the file, or the disk does not take it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await this.#writing;
  }

  async #write(): Promise<void> {
    // What comes in this turn of the event loop goes with it.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const changes = this.#waiting.slice(0, MOST_AT_ONCE);
      try {
        await this.#thread.call('recordAlerts', {
          alerts: changes.map(({ alert }) => alert),
          deliveries: changes.flatMap(({ deliveries }) => deliveries),
          seen: changes.findLast(({ seen }) => seen !== null)?.seen ?? null,
        });
      } catch (error) {
        this.#trouble.failed(error);
        if (this.#isClosing) break;
        await delay(RETRY_MS, undefined, { ref: false });
        continue;
      }
      this.#trouble.succeeded();
      this.#waiting = this.#waiting.slice(changes.length);
      for (const change of changes) this.#tell(change);
    }
    this.#writing = null;
  }

  #tell({ alert, occasion, deliveries }: Change): void {
    if (occasion !== null) this.#events.record([eventOfAlert(occasion, alert)]);
    if (deliveries.length > 0) this.emit('deliveries', deliveries);
    this.emit('alert', alert);
  }

  #forgetOldest(): void {
    if (this.#alerts.size <= MOST_ALERTS) return;
    const over = [...this.#alerts.values()].filter(({ until }) => until !== null);
    for (const { id } of over.slice(0, Math.max(0, over.length - MOST_ALERTS))) this.#alerts.delete(id);
  }
}
