import { isIPv6 } from 'node:net';

/** Checks under way. */
const MOST_RUNNING = { address: 16, all: 128 };
/** Checks that wait for their turn. */
export const MOST_WAITING = { address: 500, all: 4000 };
/** A connection without a session is gone after ten seconds, and the check takes its time too. */
const MAX_WAIT_MS = 8000;
/** Refusals in a row that slow nothing, how many of them each second makes good, and the checks a second beyond them. */
const REFUSALS = { address: { burst: 60, perSecond: 5, pace: 50 }, all: { burst: 600, perSecond: 50, pace: 200 } };
const TURN_MS = 5;
/** How far a pace catches up after a timer that was late. */
const CATCH_UP_MS = 100;
const MOST_ADDRESSES = 10_000;

/** A client with a credential. */
export interface Applicant {
  address: string | undefined;
  /** It needs no answer any more. */
  isGone: () => boolean;
}

interface Waiter {
  sinceMs: number;
  isGone: () => boolean;
  resolve: (isTurn: boolean) => void;
}

/** The checks of one address, or of all. */
class Account {
  running = 0;
  readonly waiting: Waiter[] = [];
  readonly #limits: (typeof REFUSALS)['all'];
  #refused = 0;
  #refusedMs = performance.now();
  #nextMs = 0;

  constructor(limits: (typeof REFUSALS)['all']) {
    this.#limits = limits;
  }

  get refused(): number {
    const nowMs = performance.now();
    this.#refused = Math.max(0, this.#refused - ((nowMs - this.#refusedMs) / 1000) * this.#limits.perSecond);
    this.#refusedMs = nowMs;
    return this.#refused;
  }

  /** Those under way may all be refused. */
  get #isPaced(): boolean {
    return this.refused + this.running >= this.#limits.burst;
  }

  get isDue(): boolean {
    return !this.#isPaced || performance.now() >= this.#nextMs;
  }

  pace(): void {
    if (this.#isPaced) this.#nextMs = Math.max(this.#nextMs, performance.now() - CATCH_UP_MS) + 1000 / this.#limits.pace;
  }

  refuse(): void {
    this.#refused = this.refused + 1;
  }
}

/**
 * Lets few checks run at a time, of each address and of all. The others wait, the addresses in turn. After many refusals the checks of
 * an address have a pace; after many refusals of all, the checks of the addresses that have some.
 */
export class CheckTurns {
  readonly #all = new Account(REFUSALS.all);
  readonly #accounts = new Map<string, Account>();
  /** Those with checks that wait, in the order of their turns. */
  readonly #queue = new Set<Account>();
  #waiting = 0;
  #isScheduled = false;

  /**
   * What `check` finds in its turn; `too-many` where too many wait, or it has waited for too long. A check whose client `isGone` by then
   * is not made.
   */
  async run<Verdict extends string>(
    { address, isGone }: Applicant,
    check: () => Promise<Verdict>,
  ): Promise<Verdict | 'too-many'> {
    const own = this.#accountOf(networkOf(address));
    if (!(await this.#turn(own, isGone))) return 'too-many';
    try {
      const verdict = await check();
      if (verdict === 'bad') for (const account of [own, this.#all]) account.refuse();
      return verdict;
    } finally {
      for (const account of [own, this.#all]) account.running -= 1;
    }
  }

  async #turn(own: Account, isGone: () => boolean): Promise<boolean> {
    if (this.#queue.size === 0 && this.#begin(own)) return true;
    if (!this.#hasPlace(own)) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    own.waiting.push({ sinceMs: performance.now(), isGone, resolve });
    this.#waiting += 1;
    this.#queue.add(own);
    this.#schedule();
    return await promise;
  }

  #begin(own: Account): boolean {
    if (own.running >= MOST_RUNNING.address || this.#all.running >= MOST_RUNNING.all || !own.isDue) return false;
    const hasRefusals = own.refused > 0;
    if (hasRefusals && !this.#all.isDue) return false;
    for (const account of hasRefusals ? [own, this.#all] : [own]) account.pace();
    for (const account of [own, this.#all]) account.running += 1;
    return true;
  }

  /** Where all places are taken, the address with the most of them yields one to an address that has none. */
  #hasPlace(own: Account): boolean {
    if (own.waiting.length >= MOST_WAITING.address || this.#waiting >= MOST_WAITING.all) this.#dropGone(own);
    if (own.waiting.length >= MOST_WAITING.address) return false;
    if (this.#waiting < MOST_WAITING.all) return true;
    if (own.waiting.length > 0) return false;
    const longest = this.#queue.values().reduce((a, b) => (b.waiting.length > a.waiting.length ? b : a));
    if (longest.waiting.length < 2) return false;
    longest.waiting.pop()?.resolve(false);
    this.#waiting -= 1;
    return true;
  }

  #dropGone({ waiting }: Account): void {
    const isHere = ({ isGone, resolve }: Waiter): boolean => {
      if (!isGone()) return true;
      resolve(false);
      return false;
    };
    const here = waiting.filter(isHere);
    this.#waiting -= waiting.length - here.length;
    waiting.splice(0, waiting.length, ...here);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTimeout(() => {
      this.#isScheduled = false;
      this.#takeTurns();
      if (this.#queue.size > 0) this.#schedule();
    }, TURN_MS).unref();
  }

  /** An address that has had its turn goes to the end, where this comes to it again. */
  #takeTurns(): void {
    const oldestMs = performance.now() - MAX_WAIT_MS;
    for (const own of this.#queue) {
      let first = own.waiting[0];
      for (; first !== undefined && (first.isGone() || first.sinceMs < oldestMs); first = own.waiting[0]) {
        this.#next(own)?.resolve(false);
      }
      if (first !== undefined && !this.#begin(own)) continue;
      this.#queue.delete(own);
      if (first !== undefined) this.#next(own)?.resolve(true);
      if (own.waiting.length > 0) this.#queue.add(own);
    }
  }

  #next({ waiting }: Account): Waiter | undefined {
    const first = waiting.shift();
    if (first !== undefined) this.#waiting -= 1;
    return first;
  }

  #accountOf(network: string): Account {
    const account = this.#accounts.get(network) ?? new Account(REFUSALS.address);
    this.#accounts.delete(network);
    this.#accounts.set(network, account);
    dropOldest(this.#accounts, MOST_ADDRESSES);
    return account;
  }
}

/** A client with IPv6 has a whole /64 (RFC 6177). */
function networkOf(address = ''): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  return [...groups, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':');
}

/** Of a Map or a Set, which are in the order of insertion. */
export function dropOldest(
  collection: { size: number; keys(): Iterator<string>; delete(key: string): boolean },
  most: number,
): void {
  if (collection.size <= most) return;
  const oldest = collection.keys().next();
  if (oldest.done !== true) collection.delete(oldest.value);
}
