import type { LogLine } from '@plimsoll/protocol';

/** The line that stands for output that was overwritten before it was read. `at`: the time of the line before. */
export function overwritten(at: string, lostBytes: number): LogLine {
  const text = `${lostBytes} bytes were not read: the log was overwritten before`;
  return { at, stream: 'stderr', text, partial: false, gap: true, lostBytes };
}
