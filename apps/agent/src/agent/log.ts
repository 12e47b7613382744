import { diskError } from '../disk-failure.ts';

/** One line for each event on stderr, for the combined log of `npm start` or the journal. Control characters are escaped by JSON. */
export function log(level: 'info' | 'warn' | 'error', message: string, fields: Record<string, unknown> = {}): void {
  const details = Object.entries(fields).map(
    ([key, value]) => ` ${key}=${JSON.stringify(value instanceof Error ? describe(value) : value)}`,
  );
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}${details.join('')}\n`);
}

/** Of an error, for `log`: one sentence where the disk takes no write, which needs no stack; the error otherwise. */
export function failure(error: unknown): Record<string, unknown> {
  const disk = diskError(error);
  return disk === null ? { error } : { reason: disk.message };
}

function describe(error: Error): string {
  const text = error.stack ?? String(error);
  return error.cause instanceof Error ? `${text}\ncaused by ${describe(error.cause)}` : text;
}
