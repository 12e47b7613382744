import {
  ContainerId,
  ContainerName,
  ErrorBody,
  FormatVersion,
  GroupPath,
  HostId,
  Instant,
  RequestId,
  StoredLimits,
} from '@plimsoll/protocol';
import { z } from 'zod';
import { ExitRecord, GroupEnd, type LedgerRecord } from './ledger-record.ts';
import { ContainerDefinition } from './protocol.ts';

export const JOURNAL_VERSION: FormatVersion = { major: 1, minor: 0 };

/** Of the journal that it stands in, and no entry of its own; the last one holds. */
export const JournalFormat = z.object({ kind: z.literal('format'), version: FormatVersion });
export type JournalFormat = z.infer<typeof JournalFormat>;
/** Whose journal this is. `id` is the host's. */
const Host = z.object({ kind: z.literal('host'), id: HostId });

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

/** A command under its request id, before it is carried out (requests.ts). `incarnation`: of the container at that time; `alive`: of those in the group. */
const Request = z.object({
  kind: z.literal('request'),
  id: RequestId,
  verb: z.string(),
  digest: z.string(),
  subject: z.string(),
  incarnation: z.int().optional(),
  alive: z.record(ContainerId, z.int()).optional(),
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
const ChangedLimits = z.object({ kind: z.literal('limits'), id: ContainerId, limits: StoredLimits });

/** A group that somebody made, named, limited or froze. `id` is its path. */
export const GroupEntry = z.looseObject({
  kind: z.literal('group'),
  id: GroupPath,
  displayName: z.string().nullable(),
  limits: StoredLimits,
  kept: z.boolean(),
  createdAt: Instant,
  frozenAt: Instant.nullable(),
});
export type GroupEntry = z.infer<typeof GroupEntry>;

const GroupRemoved = z.object({ kind: z.literal('group-removed'), id: GroupPath });

export const JournalEntry = z.discriminatedUnion('kind', [
  Host,
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
  GroupEntry,
  GroupRemoved,
]);
export type JournalEntry = z.infer<typeof JournalEntry>;

/** The host's id as a journal has it: its own entry's, or that of the newest record. */
export function hostIn(entries: readonly JournalEntry[]): HostId | null {
  const own = entries.findLast((entry) => entry.kind === 'host');
  const records = entries.filter(isLedgers);
  return own?.id ?? records.findLast(({ host }) => host !== null)?.host ?? null;
}

export function isLedgers(entry: JournalEntry): entry is LedgerRecord {
  return entry.kind === 'exit' || entry.kind === 'group-end';
}
