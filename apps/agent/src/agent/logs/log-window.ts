import type { LogLine, LogsRequest } from '@plimsoll/protocol';

/** Those of a time, both of its milliseconds with it. */
export async function* within(
  batches: AsyncIterable<LogLine[]>,
  { since, until }: Pick<LogsRequest, 'since' | 'until'>,
): AsyncGenerator<LogLine[]> {
  // Times have a fixed number of digits: they sort as text.
  const first = since === undefined ? '' : textOf(since, '000000');
  const last = until === undefined ? '~' : textOf(until, '999999');
  for await (const batch of batches) {
    const lines = batch.filter(({ at, lostBytes }) => lostBytes !== undefined || (at >= first && at <= last));
    if (lines.length > 0) yield lines;
  }
}

/** The last so many of all: entries that begin in the middle of a line count with it. */
export async function* lastOf(batches: AsyncIterable<LogLine[]>, count: number): AsyncGenerator<LogLine[]> {
  let kept: LogLine[] = [];
  for await (const batch of batches) {
    kept.push(...batch);
    // Not at each batch: what is cut off is copied.
    if (kept.length > 2 * count + MANY) kept = tailOf(kept, count);
  }
  kept = tailOf(kept, count);
  if (kept.length > 0) yield kept;
}

const MANY = 10_000;

/** An unfinished line at the end counts as one. */
function tailOf(lines: readonly LogLine[], count: number): LogLine[] {
  let found = 0;
  let start = lines.length;
  while (start > 0) {
    const isEnd = start === lines.length || lines[start - 1]?.partial === false;
    if (isEnd && found === count) break;
    if (isEnd) found += 1;
    start -= 1;
  }
  return lines.slice(start);
}

/** As the log has it, to nine digits: the first or the last nanosecond of a millisecond. */
function textOf(ms: number, rest: '000000' | '999999'): string {
  return new Date(ms).toISOString().replace('Z', `${rest}Z`);
}
