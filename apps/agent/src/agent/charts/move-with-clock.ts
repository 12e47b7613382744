import type { DatabaseSync } from 'node:sqlite';
import { LEAST_JUMP_MS } from '../clock/host-clock.ts';
import { inTransaction } from '../database/migrate.ts';
import type { ClockSeen } from '../ledger/boot-clocks.ts';
import { GRAINS } from './grains.ts';

/**
 * Moves all times of this boot by as much as the wall clock was set since the last call, and answers by how much, ms. Which these are
 * follows from the times alone: the clock as it was says when the boot began and what it showed at last.
 */
export function moveWithClock(database: DatabaseSync, { bootId, bootMs, wallMs }: ClockSeen): number {
  return inTransaction(database, () => {
    const known = database.prepare('SELECT offset_ms FROM boot_clock WHERE boot = ?').get(bootId) as
      | { offset_ms: number }
      | undefined;
    const offsetMs = Math.round(wallMs - bootMs);
    const byMs = known === undefined ? 0 : offsetMs - known.offset_ms;
    if (known !== undefined && Math.abs(byMs) < LEAST_JUMP_MS) return 0;
    database.exec('DELETE FROM boot_clock');
    database.prepare('INSERT INTO boot_clock (boot, offset_ms) VALUES (?, ?)').run(bootId, offsetMs);
    if (known === undefined) return 0;
    const lastMs = Math.ceil(bootMs) + known.offset_ms;
    for (const table of [...GRAINS.map(({ name }) => name), 'seen']) {
      // In two steps: on the way a row may not have the key of another. No time is negative, since the kernel's clock begins in 1970.
      database
        .prepare(`UPDATE ${table} SET from_ms = -1 - from_ms - ?, to_ms = to_ms + ? WHERE from_ms >= ? AND from_ms <= ?`)
        .run(byMs, byMs, known.offset_ms, lastMs);
      database.exec(`UPDATE OR REPLACE ${table} SET from_ms = -1 - from_ms WHERE from_ms < 0`);
    }
    database.prepare('UPDATE rolled_up SET until_ms = until_ms + ? WHERE until_ms > ?').run(byMs, known.offset_ms);
    return byMs;
  });
}
