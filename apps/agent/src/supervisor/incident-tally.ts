import { guarded } from '@plimsoll/core/guarded';
import type { Incident } from '@plimsoll/protocol';

export type CountedKind = Exclude<Incident['kind'], 'starving'>;
type Counts = Partial<Record<CountedKind, number>>;

/** The first of a kind is told at once; those that follow within this time are told together at its end. */
const TOGETHER_MS: Record<CountedKind, number> = {
  'oom-kill': 1000,
  'memory-high': 10_000,
  'memory-max': 10_000,
  'pids-refused': 10_000,
};

interface Tally {
  counted: number;
  told: number;
  timer: NodeJS.Timeout | undefined;
}

/** Turns the counters of one cgroup into what is told of them: how many more there are since it was last told. */
export class IncidentTally {
  readonly #tell: (kind: CountedKind, count: number) => void;
  readonly #tallies = new Map<CountedKind, Tally>();

  constructor(tell: (kind: CountedKind, count: number) => void) {
    this.#tell = tell;
  }

  /** What has been counted until now is not told. */
  begin(counts: Counts): void {
    for (const [, tally] of this.#count(counts)) tally.told = tally.counted;
  }

  take(counts: Counts): void {
    for (const [kind, tally] of this.#count(counts)) if (tally.timer === undefined) this.#tellNow(kind, tally);
  }

  /** The last counts: all is told, and nothing after. */
  end(counts: Counts): void {
    this.#count(counts);
    for (const [kind, tally] of this.#tallies) {
      clearTimeout(tally.timer);
      this.#tellNow(kind, tally);
      clearTimeout(tally.timer);
    }
  }

  #count(counts: Counts): [CountedKind, Tally][] {
    return (Object.entries(counts) as [CountedKind, number][]).map(([kind, count]) => {
      const tally = this.#tallies.get(kind) ?? { counted: 0, told: 0, timer: undefined };
      tally.counted = Math.max(tally.counted, count);
      this.#tallies.set(kind, tally);
      return [kind, tally];
    });
  }

  #tellNow(kind: CountedKind, tally: Tally): void {
    tally.timer = undefined;
    const count = tally.counted - tally.told;
    if (count <= 0) return;
    tally.told = tally.counted;
    tally.timer = setTimeout(
      guarded(`incidents of kind ${kind}`, () => this.#tellNow(kind, tally)),
      TOGETHER_MS[kind],
    ).unref();
    this.#tell(kind, count);
  }
}
