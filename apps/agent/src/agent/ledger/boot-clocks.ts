import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LEAST_JUMP_MS } from '../clock/host-clock.ts';
import { GRAINS } from './schema.ts';

/** What the wall clock said at a moment of a boot. */
export interface ClockSeen {
  bootId: string;
  /** CLOCK_BOOTTIME, ms. */
  bootMs: number;
  wallMs: number;
}

interface Offset {
  /** Wall clock less CLOCK_BOOTTIME: rows of this boot are labelled so. */
  offsetMs: number;
  /** CLOCK_BOOTTIME at which that was seen. */
  asOfMs: number;
}

/**
 * Labels of one boot all come from one offset between CLOCK_BOOTTIME and the wall clock, the one that was seen last. When the clock is
 * set, what is recorded of that boot is labelled anew: a quantity has no part in it.
 */
export class BootClocks {
  readonly #database: DatabaseSync;
  readonly #known = new Map<string, Offset | null>();
  readonly #find: StatementSync;
  readonly #save: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#find = database.prepare('SELECT offset_ms AS offsetMs, as_of_ms AS asOfMs FROM boot_clocks WHERE boot = ?');
    this.#save = database.prepare(
      'INSERT INTO boot_clocks (boot, offset_ms, as_of_ms) VALUES (?, ?, ?) ON CONFLICT (boot) DO UPDATE SET offset_ms = excluded.offset_ms, as_of_ms = excluded.as_of_ms',
    );
  }

  /** Takes what is newer than what is known, and labels the boot's rows anew where the clock was set between. By how much it moved them, in ms. */
  learn({ bootId, bootMs, wallMs }: ClockSeen): number {
    const known = this.#offset(bootId);
    if (known !== null && bootMs <= known.asOfMs) return 0;
    const offsetMs = Math.round(wallMs - bootMs);
    const byMs = known === null ? 0 : offsetMs - known.offsetMs;
    const hasJumped = Math.abs(byMs) >= LEAST_JUMP_MS;
    const next = { offsetMs: known === null || hasJumped ? offsetMs : known.offsetMs, asOfMs: Math.round(bootMs) };
    this.#save.run(bootId, next.offsetMs, next.asOfMs);
    this.#known.set(bootId, next);
    if (!hasJumped) return 0;
    this.#move(bootId, byMs);
    return byMs;
  }

  /** The label of a moment of a boot. Null: nothing is known of that boot's clock. */
  labelMs(bootId: string, bootMs: number): number | null {
    const known = this.#offset(bootId);
    return known === null ? null : Math.round(bootMs) + known.offsetMs;
  }

  /** After a rollback. */
  forget(): void {
    this.#known.clear();
  }

  #offset(bootId: string): Offset | null {
    let known = this.#known.get(bootId);
    if (known === undefined) {
      known = (this.#find.get(bootId) as unknown as Offset | undefined) ?? null;
      this.#known.set(bootId, known);
    }
    return known;
  }

  #move(bootId: string, byMs: number): void {
    this.#database
      .prepare('UPDATE meters SET began_ms = began_ms + ?, ended_ms = ended_ms + ? WHERE boot = ?')
      .run(byMs, byMs, bootId);
    const ofBoot = 'SELECT s.id FROM segments s JOIN meters m ON m.id = s.meter WHERE m.boot = ?';
    this.#database
      .prepare(
        'UPDATE segments SET from_ms = from_ms + ?, to_ms = to_ms + ? WHERE meter IN (SELECT id FROM meters WHERE boot = ?)',
      )
      .run(byMs, byMs, bootId);
    for (const grain of GRAINS) {
      // In two steps: on the way a row may not have the key of another. No label is negative, since the kernel's clock begins in 1970.
      this.#database.prepare(`UPDATE ${grain} SET at_ms = -1 - at_ms - ? WHERE segment IN (${ofBoot})`).run(byMs, bootId);
      this.#database.prepare(`UPDATE ${grain} SET at_ms = -1 - at_ms WHERE at_ms < 0 AND segment IN (${ofBoot})`).run(bootId);
    }
  }
}
