import { diskError } from '../disk-failure.ts';

/** A line in the supervisor's log about something that went wrong and was got over. A disk that takes no write needs no stack. */
export function complain(what: string, error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${new Date().toISOString()} ${what}: ${diskError(error)?.message ?? stack}\n`);
}
