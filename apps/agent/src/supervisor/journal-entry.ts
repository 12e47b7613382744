import { ContainerId, ExitStatus, FinalCounters, Instant } from '@plimsoll/protocol';
import { z } from 'zod';
import { ContainerDefinition } from './protocol.ts';

const Created = z.object({ kind: z.literal('created'), id: ContainerId, definition: ContainerDefinition });

const Start = z.object({ kind: z.literal('start'), id: ContainerId, incarnation: z.int(), at: Instant });

/** What a container is meant to be: the supervisor after a crash or a reboot acts by it. */
const Desired = z.object({ kind: z.literal('desired'), id: ContainerId, desired: z.enum(['running', 'stopped']) });

/**
 * How an incarnation ended, with the last reading of its cgroup, taken when that was empty. `counters` is null only where the
 * cgroup was gone before anyone could read it (a reboot).
 */
const ExitRecord = z.object({
  kind: z.literal('exit'),
  id: ContainerId,
  name: z.string(),
  group: z.string(),
  incarnation: z.int(),
  startedAt: Instant,
  exitedAt: Instant,
  /** CLOCK_MONOTONIC at the last reading, ns in decimal digits: durations do not depend on the wall clock. */
  exitedMonotonicNs: z.string().nullable(),
  counters: FinalCounters.nullable(),
  ...ExitStatus.shape,
});
export type ExitRecord = z.infer<typeof ExitRecord>;

const Removed = z.object({ kind: z.literal('removed'), id: ContainerId });

export const JournalEntry = z.discriminatedUnion('kind', [Created, Start, Desired, ExitRecord, Removed]);
export type JournalEntry = z.infer<typeof JournalEntry>;

/** What is still worth keeping: every exit record, and of each container that there is its definition, last start and wish. */
export function compact(entries: readonly JournalEntry[]): JournalEntry[] {
  const removed = new Set(entries.filter(({ kind }) => kind === 'removed').map(({ id }) => id));
  const last = new Map<string, JournalEntry>();
  for (const entry of entries) last.set(`${entry.kind} ${entry.id}`, entry);
  return entries.filter(
    (entry) => entry.kind === 'exit' || (!removed.has(entry.id) && last.get(`${entry.kind} ${entry.id}`) === entry),
  );
}
