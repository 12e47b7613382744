import type { DatabaseSync } from 'node:sqlite';
import { LEAST_JUMP_MS } from '../clock/host-clock.ts';
import { inTransaction } from '../database/migrate.ts';
import type { ClockSeen } from '../ledger/boot-clocks.ts';
import { GRAINS } from './grains.ts';

interface Step {
  id: number;
  by_ms: number;
  from_ms: number;
  to_ms: number;
}

/**
 * Notes by how much the wall clock was set since the last call, and answers that, ms. All times of this boot are to move by as much:
 * which these are follows from the times alone, for the clock as it was says when the boot began and what it showed at last. Series
 * follow one by one (followClock).
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
    const [fromMs, toMs] = [known.offset_ms, Math.ceil(bootMs) + known.offset_ms];
    // There is one row of each agent, and one of each grain.
    move(database, 'seen', '', { by_ms: byMs, from_ms: fromMs, to_ms: toMs });
    database.prepare('UPDATE rolled_up SET until_ms = until_ms + ? WHERE until_ms > ?').run(byMs, fromMs);
    database
      .prepare(
        `INSERT INTO clock_steps (id, by_ms, from_ms, to_ms)
         VALUES ((SELECT 1 + MAX(COALESCE(MAX(id), 0), COALESCE((SELECT MAX(followed) FROM series), 0)) FROM clock_steps), ?, ?, ?)`,
      )
      .run(byMs, fromMs, toMs);
    return byMs;
  });
}

/** A series' times follow all steps of the clock, in a transaction of its own or the one under way. */
export function followClock(database: DatabaseSync, series: number): void {
  const steps = database
    .prepare('SELECT * FROM clock_steps WHERE id > COALESCE((SELECT followed FROM series WHERE id = ?), 0) ORDER BY id')
    .all(series) as unknown as Step[];
  const last = steps.at(-1);
  if (last === undefined) return;
  const follow = (): void => {
    for (const step of steps) for (const { name } of GRAINS) move(database, name, 'series = ? AND', step, series);
    database.prepare('UPDATE series SET followed = ? WHERE id = ?').run(last.id, series);
  };
  if (database.isTransaction) follow();
  else inTransaction(database, follow);
}

/** One series follows the clock; false: all have. A kill in between costs nothing: the others follow later. */
export function followNext(database: DatabaseSync): boolean {
  const last = (database.prepare('SELECT MAX(id) AS id FROM clock_steps').get() as { id: number | null }).id;
  if (last === null) return false;
  const next = database.prepare('SELECT id FROM series WHERE COALESCE(followed, 0) < ? LIMIT 1').get(last) as
    | { id: number }
    | undefined;
  if (next === undefined) database.exec('DELETE FROM clock_steps');
  else followClock(database, next.id);
  return next !== undefined;
}

/** In two steps: on the way a row may not have the key of another. No time is negative, since the kernel's clock begins in 1970. */
function move(database: DatabaseSync, table: string, among: string, step: Omit<Step, 'id'>, ...values: number[]): void {
  const { by_ms: byMs, from_ms: fromMs, to_ms: toMs } = step;
  database
    .prepare(`UPDATE ${table} SET from_ms = -1 - from_ms - ?, to_ms = to_ms + ? WHERE ${among} from_ms >= ? AND from_ms <= ?`)
    .run(byMs, byMs, ...values, fromMs, toMs);
  database.prepare(`UPDATE OR REPLACE ${table} SET from_ms = -1 - from_ms WHERE ${among} from_ms < 0`).run(...values);
}
