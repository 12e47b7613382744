import { diskUsage } from './disk-usage.ts';
import { LayerQuota } from './layer-quota.ts';

/** The size of one directory. */
export interface UpperSize extends Disposable {
  /** Bytes on disk: by its quota, or as of the last walk. NaN: not walked yet. */
  readonly bytes: number;
}

interface Entry {
  directory: string;
  bytes: number;
  dueMs: number;
}

/** From the end of a walk to the next of the same directory. */
const AGAIN_MS = 30_000;

/**
 * Sizes of layers. A layer that has a project is counted by the file system; the others are walked in the background, one at a time,
 * and each now and then, changed or not.
 */
export class UpperSizes implements Disposable {
  readonly #againMs: number;
  readonly #newcomers = new Set<Entry>();
  /** Those that have been walked, the longest ago first. */
  readonly #walked = new Set<Entry>();
  #walking: { entry: Entry; stop: AbortController } | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(againMs = AGAIN_MS) {
    this.#againMs = againMs;
  }

  follow(directory: string): UpperSize {
    const quota = LayerQuota.of(directory);
    if (quota === null) return this.#followByWalks(directory);
    return {
      get bytes() {
        return quota.bytes;
      },
      [Symbol.dispose]() {},
    };
  }

  #followByWalks(directory: string): UpperSize {
    const entry = { directory, bytes: Number.NaN, dueMs: 0 };
    this.#newcomers.add(entry);
    if (this.#newcomers.size === 1) this.#next();
    return {
      get bytes() {
        return entry.bytes;
      },
      [Symbol.dispose]: () => {
        this.#newcomers.delete(entry);
        this.#walked.delete(entry);
        if (this.#walking?.entry === entry) this.#walking.stop.abort();
      },
    };
  }

  #next(): void {
    if (this.#walking !== null) return;
    clearTimeout(this.#timer);
    const [first = null] = this.#newcomers.size > 0 ? this.#newcomers : this.#walked;
    if (first === null) return;
    const waitMs = Math.max(0, first.dueMs - performance.now());
    this.#timer = setTimeout(() => void this.#walk(first), waitMs).unref();
  }

  async #walk(entry: Entry): Promise<void> {
    const stop = new AbortController();
    this.#walking = { entry, stop };
    const bytes = await diskUsage(entry.directory, stop.signal);
    this.#walking = null;
    if (bytes !== null) entry.bytes = bytes;
    entry.dueMs = performance.now() + this.#againMs;
    // Nobody follows it any more where it is in neither.
    if (this.#newcomers.delete(entry) || this.#walked.delete(entry)) this.#walked.add(entry);
    this.#next();
  }

  [Symbol.dispose](): void {
    this.#newcomers.clear();
    this.#walked.clear();
    clearTimeout(this.#timer);
    this.#walking?.stop.abort();
  }
}
