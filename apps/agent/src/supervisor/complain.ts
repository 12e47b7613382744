/** A line in the supervisor's log about something that went wrong and was got over. */
export function complain(what: string, error: unknown): void {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${new Date().toISOString()} ${what}: ${why}\n`);
}
