import {
  ContainerId,
  ContainerName,
  ErrorBody,
  GroupPath,
  Instant,
  Limits,
  REQUEST_KEPT_MS,
  RequestId,
} from '@plimsoll/protocol';
import { z } from 'zod';
import { ExitRecord, GroupEnd, type LedgerRecord } from './ledger-record.ts';
import { ContainerDefinition } from './protocol.ts';

const Created = z.object({ kind: z.literal('created'), id: ContainerId, definition: ContainerDefinition });

/** `boot`: the boot id of the host then. */
const Start = z.object({
  kind: z.literal('start'),
  id: ContainerId,
  incarnation: z.int(),
  at: Instant,
  boot: z.string().optional(),
});
export type StartEntry = z.infer<typeof Start>;

/**
 * What a container is meant to be: the supervisor after a crash or a reboot acts by it. `running`: its start waits behind a frozen
 * group; `restarted`: it is being stopped, and is to be started then.
 */
const DesiredEntry = z.object({
  kind: z.literal('desired'),
  id: ContainerId,
  desired: z.enum(['running', 'stopped', 'restarted']),
});
export type Desired = z.infer<typeof DesiredEntry>['desired'];

/** The agent's ledger has these, durably: they need not be kept for it. */
const Acknowledged = z.object({ kind: z.literal('acknowledged'), id: z.literal('ledger'), seqs: z.array(z.int()) });

/** A start that failed; a later start supersedes it. */
const Failed = z.object({ kind: z.literal('failed'), id: ContainerId, incarnation: z.int(), at: Instant, error: ErrorBody });
export type FailedEntry = z.infer<typeof Failed>;

/** A command under its request id, before it is carried out (requests.ts). `incarnation`: of the container at that time. */
const Request = z.object({
  kind: z.literal('request'),
  id: RequestId,
  verb: z.string(),
  digest: z.string(),
  subject: z.string(),
  incarnation: z.int().optional(),
  at: Instant,
});

/** How it came out, before it is answered. Without `error` and `result` the answer is the record of its container. */
const Answer = z.object({
  kind: z.literal('answer'),
  id: RequestId,
  at: Instant,
  error: ErrorBody.optional(),
  result: z.unknown().optional(),
});

const Removed = z.object({ kind: z.literal('removed'), id: ContainerId });

/** Another name than the definition's. */
const Renamed = z.object({ kind: z.literal('renamed'), id: ContainerId, name: ContainerName });

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
  DesiredEntry,
  Renamed,
  ChangedLimits,
  Failed,
  Request,
  Answer,
  ExitRecord,
  GroupEnd,
  Acknowledged,
  Removed,
  Group,
  GroupRemoved,
]);
export type JournalEntry = z.infer<typeof JournalEntry>;

/**
 * What is still worth keeping: every record that the ledger has not yet acknowledged; of each container that there is its
 * definition, name, last start, last failure, last exit, desired state and limits; each group that there is; and the requests of the
 * last ten minutes.
 */
export function compact(entries: readonly JournalEntry[], now = Date.now()): JournalEntry[] {
  // A `run` that is repeated after it took no effect makes a container of the same id again.
  const removedAt = new Map(entries.flatMap(({ kind, id }, i) => (kind === 'removed' ? [[id, i] as const] : [])));
  const acknowledged = new Set(entries.flatMap((entry) => (entry.kind === 'acknowledged' ? entry.seqs : [])));
  const greatest = [...acknowledged].reduce((most, seq) => Math.max(most, seq), 0);
  const newest = entries.findLast((entry) => entry.kind === 'acknowledged' && entry.seqs.includes(greatest));
  const last = new Map<string, JournalEntry>();
  // A path may be used again: whether a group is there is said by the last word on it.
  const subject = ({ kind, id }: JournalEntry) => `${kind === 'group-removed' ? 'group' : kind} ${id}`;
  for (const entry of entries) last.set(subject(entry), entry);
  return entries.filter((entry, i) => {
    // The greatest number is never given again: an acknowledgement may still be on its way.
    if (entry.kind === 'acknowledged') return entry === newest;
    if (isLedgers(entry) && !acknowledged.has(entry.seq)) return true;
    if (entry.kind === 'request' || entry.kind === 'answer') return Date.parse(entry.at) > now - REQUEST_KEPT_MS;
    if (entry.kind === 'group-end') return false;
    return entry.kind !== 'group-removed' && i > (removedAt.get(entry.id) ?? -1) && last.get(subject(entry)) === entry;
  });
}

export function isLedgers(entry: JournalEntry): entry is LedgerRecord {
  return entry.kind === 'exit' || entry.kind === 'group-end';
}
