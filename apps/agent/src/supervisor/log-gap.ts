import { z } from 'zod';
import type { DiskFailure } from '../disk-failure.ts';

/** Output that could not be written to its log. */
export const Gap = z.object({
  /** When the first and the last of it was read. */
  fromMs: z.number(),
  toMs: z.number(),
  /** Newlines in it. */
  lines: z.int().min(0),
  bytes: z.int().min(0),
  why: z.enum(['full', 'quota', 'read-only', 'broken']),
});
export type Gap = z.infer<typeof Gap>;

/** The gap of one log that is not in the log yet. */
export interface GapRecord {
  get(): Gap | null;
  /** Null: it is in the log. */
  set(gap: Gap | null): void;
  /** Calls `write` about once a second while there is a gap. Disposing ends that. */
  onRetry(write: () => void): Disposable;
}

const WHY: Readonly<Record<DiskFailure, string>> = {
  full: 'the disk was full',
  quota: 'the disk quota was used up',
  'read-only': 'the file system was read-only',
  broken: 'the disk failed',
};

/** "12 lines (340 bytes) were not recorded from … to …: the disk was full" */
export function gapInWords({ fromMs, toMs, lines, bytes, why }: Gap): string {
  const size = `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  const span = `from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`;
  const lost =
    lines === 0
      ? `A part of a line (${size}) was`
      : `${lines} ${lines === 1 ? 'line' : 'lines'} (${size}) ${lines === 1 ? 'was' : 'were'}`;
  return `${lost} not recorded ${span}: ${WHY[why]}`;
}
