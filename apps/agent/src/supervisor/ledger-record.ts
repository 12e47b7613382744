import { ContainerId, ExitStatus, FinalCounters, GroupPath, HostId, Instant, StoredLimits } from '@plimsoll/protocol';
import { z } from 'zod';

/**
 * How an incarnation ended, with the last reading of its cgroup, taken when that was empty. `counters` is null only where the
 * cgroup was gone before anyone could read it (a reboot). What a meter needs is all in it: the container may be removed, and
 * nobody have heard of it but the supervisor. Records from before there was a meter have less.
 */
export const ExitRecord = z.object({
  kind: z.literal('exit'),
  /** Grows with each record of this journal; 0: from before records had one. */
  seq: z.int().min(0).default(0),
  /** Where it ran. Null: a record from before there was one, so of this host. */
  host: HostId.nullable().default(null),
  id: ContainerId,
  name: z.string(),
  group: z.string(),
  image: z.string().default(''),
  labels: z.record(z.string(), z.string()).default({}),
  /** In force at the end. */
  limits: StoredLimits.default({}),
  incarnation: z.int(),
  startedAt: Instant,
  exitedAt: Instant,
  /** CLOCK_MONOTONIC at the start and at the last reading, ns in decimal digits: durations do not depend on the wall clock. */
  startedMonotonicNs: z.string().nullable().default(null),
  exitedMonotonicNs: z.string().nullable(),
  /**
   * CLOCK_BOOTTIME at the start and at the end, ns in decimal digits, and of which boot: when that was, whatever the wall clock said then.
   * Null: not known, or from before records had them.
   */
  bootId: z.string().nullable().default(null),
  startedBootNs: z.string().nullable().default(null),
  exitedBootNs: z.string().nullable().default(null),
  counters: FinalCounters.nullable(),
  ...ExitStatus.shape,
});
export type ExitRecord = z.infer<typeof ExitRecord>;

/** The last reading of a group's cgroup before that is removed. One that turns out to be in use is told of again. */
export const GroupEnd = z.object({
  kind: z.literal('group-end'),
  seq: z.int().min(1),
  host: HostId.nullable().default(null),
  /** Its path. */
  id: GroupPath,
  /** Which cgroup of that path: there may have been others before, whose counters began anew. */
  life: z.string(),
  endedAt: Instant,
  /** CLOCK_BOOTTIME then, of the boot that `life` names; as in exit records. */
  endedBootNs: z.string().nullable().default(null),
  counters: FinalCounters,
});
export type GroupEnd = z.infer<typeof GroupEnd>;

/** What the ledger is to be told of. */
export const LedgerRecord = z.discriminatedUnion('kind', [ExitRecord, GroupEnd]);
export type LedgerRecord = z.infer<typeof LedgerRecord>;
