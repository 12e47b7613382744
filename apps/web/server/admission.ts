import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** Of sessions that nobody has seen yet, until the agent has answered. */
const MOST_PENDING = { address: 16, all: 128 };
/** Refused in a row, and how many each second makes good again. */
const MOST_REFUSED = { address: { burst: 60, perSecond: 5 }, all: { burst: 600, perSecond: 50 } };
const MOST_ADDRESSES = 10_000;
const MOST_KNOWN = 1000;

interface Bucket {
  refused: number;
  atMs: number;
  pending: number;
}

export type Verdict = 'good' | 'bad' | 'too-many' | 'unknown';

/**
 * Limits how often an address, and all together, may come with credentials that turn out to be worth nothing, before the agent has any work
 * with them. A session that was good once is not limited, so that nobody at the same address can keep others out.
 */
export class Admission {
  readonly #nowMs: () => number;
  readonly #all: Bucket = { refused: 0, atMs: 0, pending: 0 };
  readonly #addresses = new Map<string, Bucket>();
  readonly #known = new Set<string>();
  readonly #checks = new Map<string, Promise<Verdict>>();

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Whether this credential was good before. */
  knows(credential: string): boolean {
    return this.#known.has(keyOf(credential));
  }

  /** It is good: an answer of the agent has shown it. */
  learn(credential: string): void {
    const key = keyOf(credential);
    this.#known.delete(key);
    this.#known.add(key);
    dropOldest(this.#known, MOST_KNOWN);
  }

  forget(credential: string): void {
    this.#known.delete(keyOf(credential));
  }

  /** `good` where it was good before; otherwise what `check` finds, once for all who come with it meanwhile, or `too-many`. */
  async verify(address: string | undefined, credential: string, check: () => Promise<Verdict>): Promise<Verdict> {
    if (this.knows(credential)) return 'good';
    const key = keyOf(credential);
    const running = this.#checks.get(key);
    if (running !== undefined) return await running;
    const started = this.limited(address, check);
    this.#checks.set(key, started);
    try {
      const verdict = await started;
      if (verdict === 'good') this.learn(credential);
      return verdict;
    } finally {
      this.#checks.delete(key);
    }
  }

  /** What `check` finds, unless too many were refused, or are being checked. */
  async limited(address: string | undefined, check: () => Promise<Verdict>): Promise<Verdict> {
    const own = this.#bucketOf(networkOf(address));
    this.#refill(own, MOST_REFUSED.address.perSecond);
    this.#refill(this.#all, MOST_REFUSED.all.perSecond);
    if (own.pending >= MOST_PENDING.address || this.#all.pending >= MOST_PENDING.all) return 'too-many';
    // Those under way may all be refused.
    if (own.refused + own.pending >= MOST_REFUSED.address.burst) return 'too-many';
    if (this.#all.refused + this.#all.pending >= MOST_REFUSED.all.burst) return 'too-many';
    for (const bucket of [own, this.#all]) bucket.pending += 1;
    try {
      const verdict = await check();
      if (verdict === 'bad') for (const bucket of [own, this.#all]) bucket.refused += 1;
      return verdict;
    } finally {
      for (const bucket of [own, this.#all]) bucket.pending -= 1;
    }
  }

  #bucketOf(network: string): Bucket {
    const bucket = this.#addresses.get(network) ?? { refused: 0, atMs: this.#nowMs(), pending: 0 };
    this.#addresses.delete(network);
    this.#addresses.set(network, bucket);
    dropOldest(this.#addresses, MOST_ADDRESSES);
    return bucket;
  }

  #refill(bucket: Bucket, perSecond: number): void {
    const nowMs = this.#nowMs();
    bucket.refused = Math.max(0, bucket.refused - ((nowMs - bucket.atMs) / 1000) * perSecond);
    bucket.atMs = nowMs;
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

function keyOf(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url');
}

/** Of a Map or a Set, which are in the order of insertion. */
function dropOldest(collection: { size: number; keys(): Iterator<string>; delete(key: string): boolean }, most: number): void {
  if (collection.size <= most) return;
  const oldest = collection.keys().next();
  if (oldest.done !== true) collection.delete(oldest.value);
}
