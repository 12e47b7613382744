import { attempt, guarded } from '@plimsoll/core/guarded';
import type { WebhookAnswer } from '@plimsoll/protocol';
import type { WorkerThread } from '../database/worker-thread.ts';
import type { EventLog } from '../events/event-log.ts';
import { log } from '../log.ts';
import { eventOfUndelivered } from './alert-events.ts';
import type { AlertMethods } from './alert-methods.ts';
import { backoffMs, isGivenUp, LONGEST_BACKOFF_MS } from './backoff.ts';
import type { Delivery } from './delivery.ts';
import type { Rules } from './rules.ts';
import type { StoredRule } from './stored-rule.ts';

const MOST_UNDER_WAY = 8;
/** Of one rule: a receiver that is away for long finds the newest. */
const MOST_WAITING = 100;

type Post = (webhook: NonNullable<StoredRule['webhook']>, delivery: Delivery) => Promise<WebhookAnswer>;

interface Parts {
  thread: WorkerThread<AlertMethods>;
  rules: Rules;
  events: Pick<EventLog, 'record'>;
  post: Post;
}

/**
 * What is still to be delivered: one attempt at a time for each rule, and again, later each time, until the receiver takes it or a day
 * has gone by. It leaves the file when the receiver has it, so that a kill in between delivers it twice, by the same id.
 */
export class Deliveries implements Disposable {
  readonly #parts: Parts;
  readonly #waiting: Map<string, Delivery>;
  readonly #last = new Map<string, { at: number; delivered: boolean; problem: string | null }>();
  /** Ids of rules. */
  readonly #underWay = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: Parts, loaded: readonly Delivery[]) {
    this.#parts = parts;
    this.#waiting = new Map(loaded.map((delivery) => [delivery.id, delivery]));
    parts.rules.on('removed', ({ id }) => {
      for (const delivery of this.#waitingOf(id)) this.#waiting.delete(delivery.id);
      this.#last.delete(id);
    });
    this.#begin();
  }

  add(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      const all = this.#waitingOf(delivery.rule);
      const tooMany = all.slice(0, Math.max(0, all.length + 1 - MOST_WAITING));
      for (const oldest of tooMany) this.#giveUp(oldest, 'too many wait behind it');
      this.#waiting.set(delivery.id, delivery);
    }
    this.#begin();
  }

  /** Of a rule: how many wait, and how the last attempt came out. */
  stateOf(rule: string): { waiting: number; last: { at: number; delivered: boolean; problem: string | null } | null } {
    return { waiting: this.#waitingOf(rule).length, last: this.#last.get(rule) ?? null };
  }

  /** An attempt that came out so, also one that is none of the waiting. */
  noteAnswer(rule: string, { delivered, problem }: WebhookAnswer): void {
    this.#last.set(rule, { at: Date.now(), delivered, problem });
  }

  /** What is under way comes to nothing here; the next agent makes it again. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #waitingOf(rule: string): Delivery[] {
    return [...this.#waiting.values()].filter((delivery) => delivery.rule === rule);
  }

  /** Starts what is due, and waits for what is to be the next. */
  #begin(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const now = Date.now();
    let nextMs = Infinity;
    for (const delivery of this.#waiting.values()) {
      if (this.#underWay.has(delivery.rule)) continue;
      const webhook = this.#parts.rules.get(delivery.rule)?.webhook ?? null;
      const waitMs = waitOf(delivery, now);
      if (webhook === null) this.#settle(delivery);
      else if (waitMs > 0) nextMs = Math.min(nextMs, waitMs);
      else if (this.#underWay.size < MOST_UNDER_WAY) this.#attemptNow(delivery, webhook);
    }
    if (nextMs < Infinity) this.#timer = setTimeout(this.#beginGuarded, nextMs).unref();
  }

  readonly #beginGuarded = guarded('the delivery of alerts', () => this.#begin());

  #attemptNow(delivery: Delivery, webhook: NonNullable<StoredRule['webhook']>): void {
    attempt(`the delivery of alert ${delivery.id}`, () => this.#attempt(delivery, webhook));
  }

  async #attempt(delivery: Delivery, webhook: NonNullable<StoredRule['webhook']>): Promise<void> {
    this.#underWay.add(delivery.rule);
    const answer = await this.#parts.post(webhook, delivery);
    this.#underWay.delete(delivery.rule);
    if (!this.#isClosed && this.#waiting.has(delivery.id)) {
      this.noteAnswer(delivery.rule, answer);
      if (answer.delivered) this.#settle(delivery);
      else this.#delay(delivery, answer.problem ?? 'it was not taken');
    }
    this.#begin();
  }

  #delay(before: Delivery, problem: string): void {
    const attempts = before.attempts + 1;
    const delivery = { ...before, attempts, nextAt: Date.now() + backoffMs(attempts) };
    if (isGivenUp(delivery)) return this.#giveUp(delivery, problem);
    this.#waiting.set(delivery.id, delivery);
    const { id, nextAt } = delivery;
    this.#write(this.#parts.thread.call('delayDelivery', { id, attempts, nextAt }));
  }

  #giveUp(delivery: Delivery, problem: string): void {
    const rule = this.#parts.rules.get(delivery.rule);
    if (rule !== undefined) this.#parts.events.record([eventOfUndelivered(delivery, rule, problem)]);
    this.#settle(delivery);
  }

  #settle({ id }: Delivery): void {
    this.#waiting.delete(id);
    this.#write(this.#parts.thread.call('settleDeliveries', [id]));
  }

  /** What the file does not take is made again by the next agent alone. */
  #write(written: Promise<unknown>): void {
    written.catch((error: unknown) => {
      if (!this.#isClosed) log('error', 'how a delivery came out cannot be written', { error });
    });
  }
}

/** 0: it is due. So is one whose time is further off than any wait: the clock was put back. */
function waitOf({ nextAt }: Delivery, now: number): number {
  const waitMs = nextAt - now;
  return waitMs <= 0 || waitMs > LONGEST_BACKOFF_MS ? 0 : waitMs;
}
