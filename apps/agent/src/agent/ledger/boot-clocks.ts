import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LEAST_JUMP_MS } from '../clock/host-clock.ts';

/** What the wall clock said at a moment of a boot. */
export interface ClockSeen {
  bootId: string;
  /** CLOCK_BOOTTIME, ms. */
  bootMs: number;
  wallMs: number;
}

interface Offsets {
  /** Wall clock less CLOCK_BOOTTIME, ms: rows of this boot are labelled so. */
  offsetMs: number;
  /** The same as it was seen last. */
  latestMs: number;
  /** CLOCK_BOOTTIME at which that was seen. */
  asOfMs: number;
}

/** By how much labels of a boot are to be moved when they are read, ms; `clock` is a row of boot_clocks, or null. */
export const shiftOf = (clock: string): string => `COALESCE(${clock}.latest_offset_ms - ${clock}.offset_ms, 0)`;

/** Meters and segments, for FROM and WHERE, of the boots whose labels are to be moved: in this order, which keeps SQLite's CROSS JOIN. */
export const SHIFTED = {
  from: 'boot_clocks c CROSS JOIN meters m CROSS JOIN segments s',
  where: `m.boot = c.boot AND s.meter = m.id AND ${shiftOf('c')} <> 0`,
};

/** A table expression, for WITH: the segments whose labels are to be moved, and by how much. */
export const SHIFTED_SEGMENTS = `shifted AS MATERIALIZED (
  SELECT s.id AS segment, ${shiftOf('c')} AS shift_ms
  FROM ${SHIFTED.from} WHERE ${SHIFTED.where})`;

/**
 * Labels of one boot all come from one offset between CLOCK_BOOTTIME and the wall clock. Rows keep the first that was known. When the
 * clock is set, one row of boot_clocks changes, and every label of that boot is read with the difference: however much is recorded, a
 * step costs one write. A quantity has no part in it.
 */
export class BootClocks {
  readonly #known = new Map<string, Offsets | null>();
  readonly #find: StatementSync;
  readonly #save: StatementSync;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare(
      'SELECT offset_ms AS offsetMs, COALESCE(latest_offset_ms, offset_ms) AS latestMs, as_of_ms AS asOfMs FROM boot_clocks WHERE boot = ?',
    );
    this.#save = database.prepare(
      `INSERT INTO boot_clocks (boot, offset_ms, latest_offset_ms, as_of_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (boot) DO UPDATE SET latest_offset_ms = excluded.latest_offset_ms, as_of_ms = excluded.as_of_ms`,
    );
  }

  /** Takes what is newer than what is known. By how much it moved the labels of the boot, in ms. */
  learn({ bootId, bootMs, wallMs }: ClockSeen): number {
    const known = this.#offsets(bootId);
    if (known !== null && bootMs <= known.asOfMs) return 0;
    const seenMs = Math.round(wallMs - bootMs);
    const byMs = known === null ? 0 : seenMs - known.latestMs;
    const hasJumped = Math.abs(byMs) >= LEAST_JUMP_MS;
    const latestMs = known === null || hasJumped ? seenMs : known.latestMs;
    const next = { offsetMs: known?.offsetMs ?? seenMs, latestMs, asOfMs: Math.round(bootMs) };
    this.#save.run(bootId, next.offsetMs, next.latestMs, next.asOfMs);
    this.#known.set(bootId, next);
    return hasJumped ? byMs : 0;
  }

  /** The label of a moment of a boot, as rows have it. Null: nothing is known of that boot's clock. */
  labelMs(bootId: string, bootMs: number): number | null {
    const known = this.#offsets(bootId);
    return known === null ? null : Math.round(bootMs) + known.offsetMs;
  }

  /** By the clock as it was seen last, less as rows have it. Null: of a meter whose boot is not known. */
  shiftMs(bootId: string | null): number {
    const known = bootId === null ? null : this.#offsets(bootId);
    return known === null ? 0 : known.latestMs - known.offsetMs;
  }

  /** After a rollback. */
  forget(): void {
    this.#known.clear();
  }

  #offsets(bootId: string): Offsets | null {
    let known = this.#known.get(bootId);
    if (known === undefined) {
      known = (this.#find.get(bootId) as unknown as Offsets | undefined) ?? null;
      this.#known.set(bootId, known);
    }
    return known;
  }
}
