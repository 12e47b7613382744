import { z } from 'zod';
import { Instant } from './container-state.ts';
import { Counter } from './counters.ts';
import { HostId } from './host-id.ts';
import { GroupPath, ImageName } from './names.ts';

/** More steps than any chart has points. */
export const MOST_STEPS = 1000;
export const LEAST_STEP_MS = 60_000;

const LabelKey = z.string().min(1).max(128);
/** What usage is told by; of containers that lack a label under its empty value. */
export const UsageAggregate = z.union([
  z.enum(['container', 'group', 'image']),
  z.string().regex(/^label:.{1,128}$/, 'expected "container", "group", "image" or "label:KEY"'),
]);

/** Of a span of time: all of it at once, or step by step. What is left out does not restrict. */
export const UsageQuery = z
  .strictObject({
    from: Instant,
    to: Instant,
    stepMs: z.int().min(LEAST_STEP_MS, 'the least step is a minute').optional(),
    aggregate: UsageAggregate.default('container'),
    /** Its id or name; of one that was removed too. */
    container: z.string().min(1).max(128).optional(),
    /** With all that is below it. */
    group: GroupPath.optional(),
    image: ImageName.optional(),
    label: z.strictObject({ key: LabelKey, value: z.string().max(256).optional() }).optional(),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), 'the span ends before it begins')
  .refine(
    ({ from, to, stepMs }) => stepMs === undefined || (Date.parse(to) - Date.parse(from)) / stepMs <= MOST_STEPS,
    `at most ${MOST_STEPS} steps`,
  );
export type UsageQuery = z.output<typeof UsageQuery>;

/**
 * Exact integers in decimal digits. Counters are the kernel's (null: this host has none). `memoryByteMs` is the working set's integral
 * from samples, in which `estimatedMs` of `elapsedMs` nobody took any; what was really used lies between `memoryLeastByteMs` and
 * `memoryMostByteMs` (null: part of it was metered before these were). Reservations are limits times time.
 */
export const Usage = z.object({
  cpuNs: Counter,
  cpuReservedNs: Counter,
  memoryByteMs: Counter,
  /**
   * Between two samples anonymous memory is at least that of the later one less what page faults can have added, and no more is used
   * than the kernel's peak.
   */
  memoryLeastByteMs: Counter.nullable().default(null),
  memoryMostByteMs: Counter.nullable().default(null),
  memoryReservedByteMs: Counter,
  ioReadBytes: Counter.nullable(),
  ioWriteBytes: Counter.nullable(),
  ioReadOps: Counter.nullable(),
  ioWriteOps: Counter.nullable(),
  netReceivedBytes: Counter.nullable(),
  netSentBytes: Counter.nullable(),
  /** Time that containers ran, added up; and of that, frozen. */
  elapsedMs: Counter,
  frozenMs: Counter,
  estimatedMs: Counter,
});
export type Usage = z.infer<typeof Usage>;

export const UsageRow = z.object({
  /** A container's id, a group's path, an image's name, a label's value. */
  key: z.string(),
  /** Of a container. */
  name: z.string().nullable(),
  usage: Usage,
  /** Incarnations that ran in that time; and of these, those that have not ended. */
  incarnations: z.int(),
  running: z.int(),
});
export type UsageRow = z.infer<typeof UsageRow>;

export const UsageStep = z.object({
  from: Instant,
  to: Instant,
  /** Most cpu time first. */
  rows: z.array(UsageRow),
  total: Usage,
  /** Cpu time that the host had and no container used; told apart, never spread over them. Null: not all of the host was asked for. */
  idleCpuNs: Counter.nullable(),
});
export type UsageStep = z.infer<typeof UsageStep>;

/** A group's own counter, and what of it no container that it ever had accounts for: the kernel's own work for it. */
export const GroupBalance = z.object({
  group: GroupPath,
  cpuNs: Counter,
  attributedCpuNs: Counter,
  /** Negative by what was read between the two, in a group that runs. */
  unattributedCpuNs: z.string().regex(/^-?\d{1,20}$/),
});
export type GroupBalance = z.infer<typeof GroupBalance>;

/** The ledger was damaged or missing, and rebuilt from what there was: before this moment usage may be incomplete. */
export const LedgerLoss = z.object({ at: Instant, problem: z.enum(['damaged', 'missing']), message: z.string() });
export type LedgerLoss = z.infer<typeof LedgerLoss>;

export const UsageReport = z.object({
  /** Whose usage. Absent: an agent from before there was one. */
  hostId: HostId.optional(),
  /** Those that concern the span of time, the oldest first. */
  losses: z.array(LedgerLoss).default([]),
  steps: z.array(UsageStep),
  groups: z.array(GroupBalance),
});
export type UsageReport = z.infer<typeof UsageReport>;

/** What a recomputation of the whole ledger found. */
export const LedgerVerdict = z.object({
  meters: z.int(),
  readings: z.int(),
  /** Sentences; none: it is sound. */
  problems: z.array(z.string()),
  losses: z.array(LedgerLoss).default([]),
  groups: z.array(GroupBalance),
});
export type LedgerVerdict = z.infer<typeof LedgerVerdict>;
