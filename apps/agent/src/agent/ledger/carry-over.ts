import type { DatabaseSync } from 'node:sqlite';
import { copyReadable } from '../database/copy-readable.ts';
import { openDamagedCopy, type Damaged } from '../database/damaged-copy.ts';
import { inTransaction } from '../database/migrate.ts';
import { SHIFTED_SEGMENTS } from './boot-clocks.ts';
import { dropMeter } from './drop-meter.ts';
import type { Rows } from './rows.ts';
import { GRAINS } from './schema.ts';
import { verifyMeters } from './verify.ts';

const TABLES = ['meters', 'segments', 'running', ...GRAINS, 'losses', 'to_record', 'boot_clocks'];

/** All that goes on is read each minute: one that has no reading for longer than the others has lost its last. */
const LAST_READING_MS = 120_000;

interface Into {
  path: string;
  database: DatabaseSync;
  rows: Rows;
}

/**
 * Copies what can be read of a damaged ledger into a new one. A meter is carried over whole or not at all: of one that is not, the supervisor's
 * record is kept to be recorded anew, and one that goes on is counted from its beginning again, as the kernel does.
 */
export function carryOver(damaged: Damaged, { path, database, rows }: Into): void {
  // What a row belongs to may be copied after it, or be lost.
  database.exec('PRAGMA foreign_keys = OFF');
  try {
    using copy = openDamagedCopy(damaged, { path, like: database });
    for (const table of TABLES) copyReadable(copy.database, database, table);
  } finally {
    inTransaction(database, () => {
      for (const meter of incomplete(database)) dropMeter(database, meter);
      for (const meter of withoutLastReading(database)) dropMeter(database, meter);
      for (const meter of unsound(database, rows)) dropMeter(database, meter);
    });
    database.exec('PRAGMA foreign_keys = ON');
  }
}

/** Meters that lack rows that every meter has. Rows of none are deleted. */
function incomplete(database: DatabaseSync): number[] {
  database.exec('DELETE FROM segments WHERE meter NOT IN (SELECT id FROM meters)');
  for (const grain of GRAINS) database.exec(`DELETE FROM ${grain} WHERE segment NOT IN (SELECT id FROM segments)`);
  database.exec(`DELETE FROM running WHERE meter NOT IN (SELECT id FROM meters WHERE ended_ms IS NULL)
    OR segment NOT IN (SELECT id FROM segments WHERE segments.meter = running.meter AND to_ms IS NULL)`);
  const found = database
    .prepare(
      `SELECT id FROM meters AS m WHERE NOT EXISTS (SELECT 1 FROM segments WHERE meter = m.id AND from_ms = m.began_ms)
       OR CASE WHEN ended_ms IS NULL THEN NOT EXISTS (SELECT 1 FROM running WHERE meter = m.id)
          ELSE NOT EXISTS (SELECT 1 FROM segments WHERE meter = m.id AND to_ms = m.ended_ms) END`,
    )
    .all() as { id: number }[];
  return found.map(({ id }) => id);
}

/** Meters that go on, and have lost their last reading, or all: the kernel still has what these said. */
function withoutLastReading(database: DatabaseSync): number[] {
  const hasNone = GRAINS.map((grain) => `NOT EXISTS (SELECT 1 FROM ${grain} WHERE segment = running.segment)`);
  const lastMs = (segments: string): string =>
    `(SELECT MAX(at_ms + COALESCE(shift_ms, 0)) FROM minutes LEFT JOIN shifted USING (segment) ${segments})`;
  const found = database
    .prepare(
      `WITH ${SHIFTED_SEGMENTS} SELECT meter FROM running JOIN meters ON meters.id = running.meter WHERE (${hasNone.join(' AND ')}) OR (kind = 'container'
       AND ${lastMs('WHERE minutes.segment = running.segment')} < ${lastMs('')} - ${LAST_READING_MS})`,
    )
    .all() as { meter: number }[];
  return found.map(({ meter }) => meter);
}

/** Meters whose rows contradict each other, or the supervisor's record. */
function unsound(database: DatabaseSync, rows: Rows): Set<number> {
  const meters = new Set<number>();
  verifyMeters(database, rows, (_problem, meter) => meters.add(meter));
  return meters;
}
