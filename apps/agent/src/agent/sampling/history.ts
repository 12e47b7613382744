import { allocateSamples, COLUMNS, GAP, HISTORY_MS } from '@plimsoll/protocol';
import { Block, FLOATS, SLOTS_PER_BLOCK } from './block.ts';
import type { Figures } from './figures.ts';

/** Finer than this no chart shows ten minutes; a shorter sampling interval is kept in steps of several. */
export const MOST_SLOTS = 600;
const CORES = FLOATS.indexOf('cpuCores');

/** The times at which figures are kept, shared by all rows: a row is an array of blocks indexed by slot number. */
export class History {
  /** Least time between two slots. */
  readonly stepMs: number;
  readonly #times: Float64Array;
  #slots = 0;

  constructor(sampleMs: number) {
    const most = Math.min(MOST_SLOTS, Math.ceil(HISTORY_MS / sampleMs));
    this.stepMs = sampleMs * Math.ceil(HISTORY_MS / sampleMs / most);
    // One block more than is told of, since a block is emptied as a whole when its turn comes again.
    this.#times = new Float64Array((Math.ceil(most / SLOTS_PER_BLOCK) + 1) * SLOTS_PER_BLOCK);
  }

  get blocks(): number {
    return this.#times.length / SLOTS_PER_BLOCK;
  }

  /** The slot that figures are written into now; -1 before the first. */
  get slot(): number {
    return this.#slots - 1;
  }

  get firstSlot(): number {
    return Math.max(0, this.#slots - (this.#times.length - SLOTS_PER_BLOCK));
  }

  timeOf(slot: number): number {
    return this.#times[slot % this.#times.length] ?? Number.NaN;
  }

  /** Opens the slot of this time (monotonic ms), unless the last is too young. Time missed before it becomes one empty slot: a gap in a chart. */
  advance(nowMs: number): boolean {
    const last = this.slot < 0 ? nowMs - this.stepMs : this.timeOf(this.slot);
    const passed = nowMs - last;
    if (passed < this.stepMs * 0.75) return false;
    if (passed >= this.stepMs * 2) this.#push(last + passed / 2);
    this.#push(nowMs);
    return true;
  }

  #push(time: number): void {
    this.#times[this.#slots++ % this.#times.length] = time;
  }
}

/** Ten minutes of one row: room only for the minutes in which there was something to keep, and for what changed in them. */
export class RowHistory {
  readonly #clock: History;
  readonly #blocks: (Block | undefined)[];

  constructor(clock: History) {
    this.#clock = clock;
    this.#blocks = Array.from({ length: clock.blocks });
  }

  /** Keeps these figures in the clock's present slot. */
  put(figures: Figures): void {
    const { slot } = this.#clock;
    const turn = Math.floor(slot / SLOTS_PER_BLOCK);
    const place = turn % this.#blocks.length;
    let block = this.#blocks[place];
    if (block?.turn !== turn) this.#blocks[place] = block = new Block(turn);
    block.put(slot % SLOTS_PER_BLOCK, figures);
  }

  /** Whether there are figures in a slot. */
  has(slot: number): boolean {
    return this.#at(slot)?.has(slot % SLOTS_PER_BLOCK) === true;
  }

  /** Of a column by its place in FLOATS. NaN: none. */
  figure(column: number, slot: number): number {
    return this.#at(slot)?.value(column, slot % SLOTS_PER_BLOCK) ?? Number.NaN;
  }

  /** Lets go of blocks that are too old to be told of. */
  expire(): void {
    const oldest = Math.floor(this.#clock.firstSlot / SLOTS_PER_BLOCK);
    for (const [i, block] of this.#blocks.entries()) if (block !== undefined && block.turn < oldest) this.#blocks[i] = undefined;
  }

  /** Every column from the first slot that has figures; `shiftMs` turns kept times into wall-clock ones. `last`: a newer reading to end with. */
  encode(handle: number, shiftMs: number, last: { atMs: number; figures: Figures } | null): Uint8Array<ArrayBuffer> {
    let first = this.#clock.firstSlot;
    const end = this.#clock.slot + 1;
    while (first < end && !this.has(first)) first++;
    const times = end - first + (last === null ? 0 : 1);
    const samples = allocateSamples(
      times,
      1,
      COLUMNS.map(({ name }) => name),
    );
    samples.handles[0] = handle;
    for (let slot = first; slot < end; slot++) {
      const t = slot - first;
      const index = slot % SLOTS_PER_BLOCK;
      const block = this.#at(slot);
      samples.times[t] = this.#clock.timeOf(slot) + shiftMs;
      samples.columns.cpuUsageNs![t] = block?.usage(index) ?? GAP;
      for (const [column, name] of FLOATS.entries()) samples.columns[name]![t] = block?.value(column, index) ?? Number.NaN;
    }
    if (last !== null) {
      samples.times[times - 1] = last.atMs + shiftMs;
      samples.columns.cpuUsageNs![times - 1] = last.figures.cpuUsageNs ?? GAP;
      for (const name of FLOATS) samples.columns[name]![times - 1] = last.figures[name];
    }
    return samples.bytes;
  }

  /** Mean of the cpus used over some slots, of those that have a figure. NaN: none has. */
  meanCores(firstSlot: number, endSlot: number): number {
    let sum = 0;
    let count = 0;
    for (let slot = firstSlot; slot < endSlot; slot++) {
      const cores = this.figure(CORES, slot);
      if (Number.isNaN(cores)) continue;
      sum += cores;
      count++;
    }
    return sum / count;
  }

  #at(slot: number): Block | undefined {
    const turn = Math.floor(slot / SLOTS_PER_BLOCK);
    const block = this.#blocks[turn % this.#blocks.length];
    return block?.turn === turn ? block : undefined;
  }
}
