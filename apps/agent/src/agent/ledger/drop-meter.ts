import type { DatabaseSync } from 'node:sqlite';
import { GRAINS } from './schema.ts';

/** Deletes a meter whose rows are not whole. The supervisor's record of its end, where there is one, is to be recorded anew. */
export function dropMeter(database: DatabaseSync, meter: number): void {
  const run = (sql: string): void => void database.prepare(sql).run(meter);
  run("INSERT INTO to_record SELECT record FROM meters WHERE id = ? AND record <> ''");
  run('DELETE FROM running WHERE meter = ?');
  for (const grain of GRAINS) run(`DELETE FROM ${grain} WHERE segment IN (SELECT id FROM segments WHERE meter = ?)`);
  run('DELETE FROM segments WHERE meter = ?');
  run('DELETE FROM meters WHERE id = ?');
}
