import { z } from 'zod';
import { ContainerId, ContainerRef } from './names.ts';

export const LogLine = z.object({
  at: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  text: z.string(),
  /** Base64: what it is where it is not UTF-8 by itself; the text is then an approximation. */
  bytes: z.base64().optional(),
  /** The line goes on in the next entry of the same stream. */
  partial: z.boolean(),
  /** Not the container's: the sentence says how much of its output could not be recorded here, and why. */
  gap: z.literal(true).optional(),
  /** Of a gap that this reader has alone: bytes of output that were recorded, and overwritten before they were read. Null: how many is not known. */
  lostBytes: z.int().min(0).nullable().optional(),
});
export type LogLine = z.infer<typeof LogLine>;

/** What a Date can be (ECMA-262, 21.4.1.1), from 1970 on. */
const Moment = z.int().min(0).max(8_640_000_000_000_000);

export const LogsRequest = z.strictObject({
  container: ContainerRef,
  /** Lines from the end; all that is kept when absent. */
  tail: z.int().min(0).max(100_000).optional(),
  follow: z.boolean().default(false),
  /** Only lines of this time, ms since 1970. Nothing later than `until` is waited for. */
  since: Moment.optional(),
  until: Moment.optional(),
});
export type LogsRequest = z.infer<typeof LogsRequest>;
export type LogsRequestInput = z.input<typeof LogsRequest>;

/** Lines in order. `end`: nothing follows, since it was not asked to follow, or the container has ended and all was sent. */
export const LogChunk = z.object({
  container: ContainerId,
  lines: z.array(LogLine),
  end: z.boolean(),
});
export type LogChunk = z.infer<typeof LogChunk>;
