import { constants, setPriority } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { isDamage } from './damage.ts';

// Prints what is wrong in a database, or nothing: node full-check-process.ts PATH.
setPriority(constants.priority.PRIORITY_LOW);
try {
  using database = new DatabaseSync(process.argv[2] ?? '', { readOnly: true });
  const row = database.prepare('PRAGMA integrity_check(1)').get() as { integrity_check: string };
  if (row.integrity_check !== 'ok') process.stdout.write(row.integrity_check);
} catch (error) {
  // One that is closed or locked by now is checked after the next start.
  if (isDamage(error)) process.stdout.write((error as Error).message);
}
