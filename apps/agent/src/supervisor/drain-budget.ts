import { attempt, guarded } from '@plimsoll/core/guarded';
import { requestsUnderWay } from './requests-under-way.ts';

const WHAT = 'the wait of output for its turn';
/** Of the time that passes, at most this part goes into the output of one container; and of all together. */
const SHARE_OF_ONE = 0.03;
const SHARE_OF_ALL = 0.12;
/** The same for output with attached clients. Only root attaches, and other containers lose little by this share while no request is under way. */
const SHARE_OF_ATTACHED = 0.4;
/** What is saved up at most: the output of a container that writes now and then never waits. */
const SAVED_BY_ONE_MS = 10;
const SAVED_BY_ALL_MS = 20;
const SAVED_BY_ATTACHED_MS = 5;
/** What the first read of a container is taken to cost: others that read less at a time are before it. */
const FIRST_MS = 1;

/** Time that may be spent at once, earned as time passes. It may be overdrawn by one piece of work. */
export class TimeBudget {
  readonly #share: () => number;
  readonly #mostMs: number;
  readonly #now: () => number;
  #leftMs: number;
  #at: number;

  /** `share`: of the time that passes. */
  constructor(share: number | (() => number), mostMs: number, now: () => number = () => performance.now()) {
    this.#share = typeof share === 'number' ? () => share : share;
    this.#mostMs = mostMs;
    this.#now = now;
    this.#leftMs = mostMs;
    this.#at = now();
  }

  spend(ms: number): void {
    this.#earn();
    this.#leftMs -= ms;
  }

  /** How long nothing may be spent from now on; 0: something may. */
  get waitMs(): number {
    this.#earn();
    return this.#leftMs > 0 ? 0 : Math.ceil(-this.#leftMs / this.#share()) + 1;
  }

  #earn(): void {
    const now = this.#now();
    this.#leftMs = Math.min(this.#mostMs, this.#leftMs + (now - this.#at) * this.#share());
    this.#at = now;
  }
}

interface Waiting {
  budget: DrainBudget;
  turn: () => void;
}

/**
 * The time of the event loop that goes into the output of all containers. Those that wait for it take turns by fair queueing (Demers,
 * Keshav, Shenker, 1989): each has as much of the time as any other, and one that takes little of it is next.
 */
export class AllOutput {
  readonly #time: TimeBudget;
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;
  /** Time spent by a container that always has its part. One that has spent less, since it had nothing to read, saves none of it. */
  #virtualMs = 0;

  constructor(time = new TimeBudget(SHARE_OF_ALL, SAVED_BY_ALL_MS)) {
    this.#time = time;
  }

  /** Something may be spent, and no container waits for its turn. */
  get isOpen(): boolean {
    return this.#waiting.size === 0 && this.#time.waitMs === 0;
  }

  /** Returns what a container has spent by then. `virtualMs`: what it had spent before. */
  spend(ms: number, virtualMs: number): number {
    this.#time.spend(ms);
    this.#virtualMs = Math.max(this.#virtualMs, virtualMs);
    return this.#virtualMs + ms;
  }

  /** Calls `turn` once, when something may be spent and it is this container's turn. */
  wait(waiting: Waiting): Disposable {
    this.#waiting.add(waiting);
    this.#schedule();
    return { [Symbol.dispose]: () => void this.#waiting.delete(waiting) };
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#waiting.size === 0) return;
    this.#timer = setTimeout(guarded(WHAT, this.#serve), this.#time.waitMs);
  }

  readonly #serve = (): void => {
    this.#timer = undefined;
    // One that waits again meanwhile has its next turn behind the others, or in the next round.
    for (let left = this.#waiting.size; left > 0 && this.#time.waitMs === 0; left--) {
      const next = this.#next();
      if (next === undefined) break;
      this.#waiting.delete(next);
      attempt('the output of a container', next.turn);
    }
    this.#schedule();
  };

  /** The one that will have spent least after its turn, should that take as long as its last one. */
  #next(): Waiting | undefined {
    let next: Waiting | undefined;
    let leastMs = Number.POSITIVE_INFINITY;
    for (const waiting of this.#waiting) {
      const { virtualMs, lastMs } = waiting.budget;
      const thenMs = Math.max(virtualMs, this.#virtualMs) + lastMs;
      if (thenMs >= leastMs) continue;
      leastMs = thenMs;
      next = waiting;
    }
    return next;
  }
}

const allOutput = new AllOutput();
const attachedShare = (): number => (requestsUnderWay() > 0 ? SHARE_OF_ALL : SHARE_OF_ATTACHED);
const attachedOutput = new AllOutput(new TimeBudget(attachedShare, SAVED_BY_ATTACHED_MS));

interface Budgets {
  own: TimeBudget;
  all: AllOutput;
}

/**
 * The time of the event loop that goes into the output of one container. Newlines cost the supervisor far more than their writer: past
 * its budget a container's FIFO fills, and its writes wait.
 */
export class DrainBudget {
  readonly #detached: Budgets;
  #budgets: Budgets;
  #virtualMs = 0;
  #lastMs = FIRST_MS;

  constructor(all = allOutput, own = new TimeBudget(SHARE_OF_ONE, SAVED_BY_ONE_MS)) {
    this.#detached = { own, all };
    this.#budgets = this.#detached;
  }

  /** A client is attached to the container, or not any more. */
  setAttached(isAttached: boolean): void {
    this.#budgets = isAttached
      ? { own: new TimeBudget(attachedShare, SAVED_BY_ATTACHED_MS), all: attachedOutput }
      : this.#detached;
    this.#virtualMs = 0;
  }

  /** What it has spent, and what it had no use for. */
  get virtualMs(): number {
    return this.#virtualMs;
  }

  /** What was spent in its last turn. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** Something may be spent now. */
  get isOpen(): boolean {
    const { own, all } = this.#budgets;
    return own.waitMs === 0 && all.isOpen;
  }

  spend(ms: number): void {
    const { own, all } = this.#budgets;
    own.spend(ms);
    this.#lastMs = ms;
    this.#virtualMs = all.spend(ms, this.#virtualMs);
  }

  /** Calls `turn` once, when something may be spent. */
  wait(turn: () => void): Disposable {
    const stack = new DisposableStack();
    const { own, all } = this.#budgets;
    const waitForAll = (): void => void stack.use(all.wait({ budget: this, turn }));
    const timer = setTimeout(guarded(WHAT, waitForAll), own.waitMs);
    stack.defer(() => clearTimeout(timer));
    return stack;
  }
}
