import { COLUMNS, GAP, type ColumnName } from '@plimsoll/protocol';
import type { Figures } from './figures.ts';

export const SLOTS_PER_BLOCK = 60;

type FloatColumn = Exclude<ColumnName, 'cpuUsageNs'>;
export const FLOATS = COLUMNS.map(({ name }) => name).filter((name): name is FloatColumn => name !== 'cpuUsageNs');

/** In `#place`: no values but the first. */
const ALONE = 255;
const FIRST_ROOM = 4;

/**
 * Figures of one row in a minute or so. Most columns of most containers stand still, and a column takes the room of one
 * number until it has a second value. 24 bits of mantissa are more than ten minutes of chart can show; live frames are exact.
 */
export class Block {
  /** Slot number / SLOTS_PER_BLOCK of what it holds. */
  readonly turn: number;
  readonly #filled = new Uint8Array(SLOTS_PER_BLOCK);
  #isEmpty = true;
  #usage: bigint = GAP;
  #usages: BigUint64Array | null = null;
  /** Where the values of a column are, in SLOTS_PER_BLOCK behind the first values of all. */
  readonly #place = new Uint8Array(FLOATS.length).fill(ALONE);
  #values = new Float32Array(FLOATS.length);
  #places = 0;

  constructor(turn: number) {
    this.turn = turn;
  }

  has(index: number): boolean {
    return this.#filled[index] === 1;
  }

  put(index: number, figures: Figures): void {
    this.#putUsage(index, figures.cpuUsageNs ?? GAP);
    for (let column = 0; column < FLOATS.length; column++) {
      const value = Math.fround(figures[FLOATS[column] as FloatColumn]);
      if (this.#isEmpty) this.#values[column] = value;
      else if (this.#place[column] !== ALONE) this.#values[this.#at(column, index)] = value;
      else if (!Object.is(value, this.#values[column])) this.#spread(column, index, value);
    }
    this.#filled[index] = 1;
    this.#isEmpty = false;
  }

  usage(index: number): bigint {
    if (!this.has(index)) return GAP;
    return this.#usages?.[index] ?? this.#usage;
  }

  /** NaN where there is none. */
  value(column: number, index: number): number {
    if (!this.has(index)) return Number.NaN;
    return this.#values[this.#place[column] === ALONE ? column : this.#at(column, index)] ?? Number.NaN;
  }

  #putUsage(index: number, usage: bigint): void {
    if (this.#isEmpty) this.#usage = usage;
    if (this.#usages === null && usage !== this.#usage) {
      this.#usages = new BigUint64Array(SLOTS_PER_BLOCK).fill(this.#usage);
    }
    if (this.#usages !== null) this.#usages[index] = usage;
  }

  #at(column: number, index: number): number {
    return FLOATS.length + (this.#place[column] ?? 0) * SLOTS_PER_BLOCK + index;
  }

  #spread(column: number, index: number, value: number): void {
    const needed = FLOATS.length + (this.#places + 1) * SLOTS_PER_BLOCK;
    if (needed > this.#values.length) {
      const room = Math.min(FLOATS.length, Math.max(FIRST_ROOM, this.#places * 2));
      const wider = new Float32Array(FLOATS.length + room * SLOTS_PER_BLOCK);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#place[column] = this.#places++;
    const start = this.#at(column, 0);
    this.#values.fill(this.#values[column] ?? Number.NaN, start, start + SLOTS_PER_BLOCK);
    this.#values[start + index] = value;
  }
}
