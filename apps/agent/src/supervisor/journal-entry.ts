import { ContainerId, ExitStatus, FinalCounters, GroupPath, Instant, Limits } from '@plimsoll/protocol';
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

/** Other limits than the definition's. */
const ChangedLimits = z.object({ kind: z.literal('limits'), id: ContainerId, limits: Limits });

/** A group that somebody made, named, limited or froze. `id` is its path. */
const Group = z.object({
  kind: z.literal('group'),
  id: GroupPath,
  displayName: z.string().nullable(),
  limits: Limits,
  kept: z.boolean(),
  createdAt: Instant,
  frozenAt: Instant.nullable(),
});
export type GroupEntry = z.infer<typeof Group>;

const GroupRemoved = z.object({ kind: z.literal('group-removed'), id: GroupPath });

export const JournalEntry = z.discriminatedUnion('kind', [
  Created,
  Start,
  Desired,
  ChangedLimits,
  ExitRecord,
  Removed,
  Group,
  GroupRemoved,
]);
export type JournalEntry = z.infer<typeof JournalEntry>;

/**
 * What is still worth keeping: every exit record; of each container that there is its definition, last start, wish and limits;
 * and each group that there is.
 */
export function compact(entries: readonly JournalEntry[]): JournalEntry[] {
  const removed = new Set(entries.filter(({ kind }) => kind === 'removed').map(({ id }) => id));
  const last = new Map<string, JournalEntry>();
  // A path may be used again: whether a group is there is said by the last word on it.
  const subject = ({ kind, id }: JournalEntry) => `${kind === 'group-removed' ? 'group' : kind} ${id}`;
  for (const entry of entries) last.set(subject(entry), entry);
  return entries.filter((entry) => {
    if (entry.kind === 'exit') return true;
    return entry.kind !== 'group-removed' && !removed.has(entry.id) && last.get(subject(entry)) === entry;
  });
}
