import { guarded } from '@plimsoll/core/guarded';

/** Ages at which a container's memory is sampled before the ticks do, ms. */
export const YOUNG_AGES_MS = [50, 100, 200, 400, 800] as const;
/** Samples that are due within so much of each other are taken by one timer. */
const TOGETHER_MS = 5;

interface Young {
  bornMs: number;
  sample: () => boolean;
}

/**
 * Samples what has just begun, at each of YOUNG_AGES_MS. All of one age are due in the order in which they began, so a list for each age
 * and one timer for all are enough: a container that ends before the first costs two list entries.
 */
export class YoungSampler implements Disposable {
  readonly #now: () => number;
  readonly #due: Young[][] = YOUNG_AGES_MS.map(() => []);
  #timer: NodeJS.Timeout | null = null;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Calls `sample` at each age until it answers that there is nothing to be sampled any more. */
  follow(sample: () => boolean): void {
    this.#due[0]?.push({ bornMs: this.#now(), sample });
    this.#wait();
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const list of this.#due) list.length = 0;
  }

  #wait(): void {
    if (this.#timer !== null) return;
    const first = this.#due.flatMap(([young], age) => (young === undefined ? [] : [young.bornMs + (YOUNG_AGES_MS[age] ?? 0)]));
    if (first.length === 0) return;
    this.#timer = setTimeout(
      guarded('samples of containers that have just begun', () => this.#run()),
      Math.max(0, Math.min(...first) - this.#now()),
    ).unref();
  }

  #run(): void {
    this.#timer = null;
    const untilMs = this.#now() + TOGETHER_MS;
    // From the oldest on, so that none is sampled twice in one turn.
    for (let age = YOUNG_AGES_MS.length - 1; age >= 0; age--) {
      const list = this.#due[age] ?? [];
      const ripe = list.findIndex(({ bornMs }) => bornMs + (YOUNG_AGES_MS[age] ?? 0) > untilMs);
      for (const young of list.splice(0, ripe < 0 ? list.length : ripe)) if (young.sample()) this.#due[age + 1]?.push(young);
    }
    this.#wait();
  }
}
