/** The last `capacity` readings of some columns, oldest first. NaN: no reading. */
export class SampleRing<Name extends string> {
  readonly capacity: number;
  readonly #times: Float64Array;
  readonly #columns: Readonly<Record<Name, Float64Array>>;
  readonly #names: readonly Name[];
  #start = 0;
  #length = 0;

  constructor(capacity: number, names: readonly Name[]) {
    this.capacity = capacity;
    this.#names = names;
    this.#times = new Float64Array(capacity);
    this.#columns = Object.fromEntries(names.map((name) => [name, new Float64Array(capacity)])) as Record<Name, Float64Array>;
  }

  get length(): number {
    return this.#length;
  }

  /** Milliseconds since the epoch; NaN outside of 0 to length - 1. */
  time(index: number): number {
    return index >= 0 && index < this.#length ? (this.#times[this.#slot(index)] ?? NaN) : NaN;
  }

  value(name: Name, index: number): number {
    return index >= 0 && index < this.#length ? (this.#columns[name][this.#slot(index)] ?? NaN) : NaN;
  }

  latest(name: Name): number {
    return this.value(name, this.#length - 1);
  }

  get latestTime(): number {
    return this.time(this.#length - 1);
  }

  /** A reading that is no newer than the last is dropped: history and live frames overlap. */
  push(timeMs: number, value: (name: Name) => number): void {
    if (this.#length > 0 && timeMs <= this.latestTime) return;
    if (this.#length === this.capacity) this.#start = (this.#start + 1) % this.capacity;
    else this.#length += 1;
    const slot = this.#slot(this.#length - 1);
    this.#times[slot] = timeMs;
    for (const name of this.#names) this.#columns[name][slot] = value(name);
  }

  /** Forgets what was read at `timeMs` or later. */
  dropFrom(timeMs: number): void {
    while (this.#length > 0 && this.latestTime >= timeMs) this.#length -= 1;
  }

  #slot(index: number): number {
    return (this.#start + index) % this.capacity;
  }
}
