import {
  AbsolutePath,
  BirthStep,
  CgroupPath,
  ContainerId,
  ContainerMount,
  ContainerName,
  ContainerView,
  CString,
  ErrorBody,
  FIRST_VERSION,
  FormatVersion,
  ChangeGroup,
  CreateGroup,
  GroupPath,
  GroupView,
  HostId,
  ImageName,
  Incident,
  Instant,
  KernelAnswer,
  LimitsChange,
  NamespaceType,
  RequestId,
  SeccompMode,
  StoredLimits,
  StoreWarning,
  Signal,
} from '@plimsoll/protocol';
import { z } from 'zod';
import { LedgerRecord } from './ledger-record.ts';

/**
 * What agent and supervisor say to each other over the supervisor's unix socket: one JSON object a line, each way.
 *
 *   agent -> supervisor   { id, verb, args, request? }   with `request` a verb that changes something is executed once
 *   supervisor -> agent   { id, ok: true, result } | { id, ok: false, error }     one for each request
 *                         { event: 'container', record } | { event: 'removed', id }   after `subscribe`, in order;
 *                         { event: 'group', group } | { event: 'group-removed', path }   a group before what is in it
 *                         { event: 'incident', incident } | { event: 'ledger', record }
 */
export const SUPERVISOR_PROTOCOL: FormatVersion = { major: 1, minor: 0 };

/** Of a request. The answer to `subscribe` tells of every container at once, and is as long as that takes. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** A container as it is stored: the request, and the OCI runtime-spec config that was made from it. Nothing but its name changes. */
export const ContainerDefinition = z.looseObject({
  version: z.literal(1),
  id: ContainerId,
  name: ContainerName,
  group: GroupPath,
  image: ImageName,
  imageDigest: z.string(),
  /** Root directories of the image's layers on this host, topmost first: overlay's lowerdirs. */
  layers: z.array(AbsolutePath).min(1).max(64),
  limits: StoredLimits,
  /** As they were asked for; the config has them as well. A definition from before there were any has none. */
  mounts: z.array(ContainerMount).default([]),
  labels: z.record(z.string(), z.string()),
  autoRemove: z.boolean(),
  /** A client attaches to its first incarnation, and its removal (`autoRemove`) waits until the client has read all. */
  attended: z.boolean().optional(),
  /** It has a standard input that a client writes to. */
  openStdin: z.boolean().optional(),
  createdAt: Instant,
  /** Containers whose namespace it joins, by type; the config has none of these. What neither has is the host's. */
  sharing: z.partialRecord(NamespaceType, ContainerId).default({}),
  /**
   * `default`: Plimsoll's own profile, as this version of it has it; `custom`: that of the config; `unconfined`: none. A
   * definition from before there were filters gets the default with its next start.
   */
  seccomp: SeccompMode.default('default'),
  /** Made up by recovery from what the kernel still said: it can be ended and removed, and not started. */
  lost: z.boolean().optional(),
  /** OCI runtime-spec config; core validates it. */
  config: z.looseObject({ process: z.looseObject({ args: z.array(CString).min(1) }) }),
});
export type ContainerDefinition = z.infer<typeof ContainerDefinition>;

/** A container as the supervisor tells of it: the view without what the agent adds. */
export const ContainerRecord = ContainerView.omit({ handle: true }).extend({
  imageDigest: z.string(),
  layers: z.array(z.string()),
});
export type ContainerRecord = z.infer<typeof ContainerRecord>;

/** A group as the supervisor tells of it. */
export const GroupRecord = GroupView.omit({ handle: true });
export type GroupRecord = z.infer<typeof GroupRecord>;

/** A freeze because of a file system, by its mount point. */
const DiskFreeze = z.strictObject({ fileSystem: z.string().max(4096) });
export type DiskFreeze = z.infer<typeof DiskFreeze>;

const ByPath = z.strictObject({ group: GroupPath });
const ById = z.strictObject({ id: ContainerId });
/** `guards`: processes that the cgroup must not hold, beside those that the supervisor itself guards. */
const ForeignArgs = z.strictObject({ path: CgroupPath, guards: z.array(z.int().positive()).max(10_000) });
export type ForeignArgs = z.infer<typeof ForeignArgs>;
const Nothing = z.strictObject({});

/** A command's request id, and a digest of the command as its client sent it: the same id never stands for two commands. */
export const RequestKey = z.strictObject({ id: RequestId, digest: z.string().regex(/^[0-9a-f]{32}$/) });
export type RequestKey = z.infer<typeof RequestKey>;

export const SUPERVISOR_VERBS = {
  /** Every record and the newest incidents, then events on this connection. */
  subscribe: {
    args: Nothing,
    result: z.object({
      pid: z.int(),
      version: z.string(),
      /** Of the messages; one from before they had a version tells of none. */
      protocol: FormatVersion.default(FIRST_VERSION),
      /** Of what it found damaged or missing when it began. */
      warnings: z.array(StoreWarning).default([]),
      /** Null: a supervisor from before there was one. */
      host: HostId.nullable().default(null),
      groups: z.array(GroupRecord),
      records: z.array(ContainerRecord),
      incidents: z.array(Incident),
    }),
  },
  /** Answered when the definition is durable. */
  create: { args: z.strictObject({ definition: ContainerDefinition }), result: ContainerRecord },
  /** Answered when exec succeeded, or as `starting` where a frozen group holds the start up. */
  start: { args: ById, result: ContainerRecord },
  /** Create and start as one: where the start fails, nothing is left of it. */
  run: { args: z.strictObject({ definition: ContainerDefinition }), result: ContainerRecord },
  /** `because`: for want of space on a file system. Such a freeze of a container that is frozen already changes nothing. */
  freeze: { args: ById.extend({ because: DiskFreeze.optional() }), result: ContainerRecord },
  thaw: { args: ById, result: ContainerRecord },
  /** Answered when it has ended and its exit record is durable. */
  stop: { args: ById.extend({ graceMs: z.int().min(0) }), result: ContainerRecord },
  /** Answered as `start` is. Durable from the moment that the stop begins: a supervisor that comes later carries it on. */
  restart: { args: ById.extend({ graceMs: z.int().min(0) }), result: ContainerRecord },
  /** As stop. */
  kill: { args: ById, result: ContainerRecord },
  /** To its first process; any but SIGKILL. Answered when it is sent. */
  signal: { args: ById.extend({ signal: Signal }), result: ContainerRecord },
  /** Answered when it has ended; at once where it is not running. */
  wait: { args: ById, result: ContainerRecord },
  /** Answered when it is durable. */
  rename: { args: ById.extend({ name: ContainerName }), result: ContainerRecord },
  remove: { args: ById.extend({ force: z.boolean() }), result: z.object({}) },
  /** Answered when the kernel was read back and the limits are durable. */
  update: {
    args: ById.extend({ limits: LimitsChange }),
    result: z.object({ record: ContainerRecord, kernel: z.array(KernelAnswer) }),
  },
  createGroup: { args: CreateGroup, result: GroupRecord },
  setGroup: { args: ChangeGroup, result: z.object({ group: GroupRecord, kernel: z.array(KernelAnswer) }) },
  freezeGroup: { args: ByPath, result: GroupRecord },
  thawGroup: { args: ByPath, result: GroupRecord },
  killGroup: { args: ByPath, result: z.object({ group: GroupRecord, killed: z.int() }) },
  removeGroup: { args: ByPath.extend({ force: z.boolean() }), result: z.object({}) },
  /** What the ledger has not acknowledged, by number. */
  ledgerRecords: {
    args: z.strictObject({ after: z.int().min(0), most: z.int().min(1).max(1000) }),
    result: z.array(LedgerRecord),
  },
  /** All that the journal still has, acknowledged or not, by number. */
  pastRecords: {
    args: z.strictObject({ after: z.int().min(0), most: z.int().min(1).max(1000) }),
    result: z.array(LedgerRecord),
  },
  /** The ledger has these on disk. */
  acknowledge: { args: z.strictObject({ seqs: z.array(z.int().positive()).max(10_000) }), result: z.object({}) },
  /** Of cgroups that are not this Plimsoll's. Answered when the kernel says so. */
  foreignFreeze: { args: ForeignArgs, result: z.object({}) },
  foreignThaw: { args: ForeignArgs, result: z.object({}) },
  foreignKill: { args: ForeignArgs, result: z.object({}) },
  /**
   * What the kernel was tried for. `noIdMaps`: why containers get no user namespace of their own; null: they do. `noProjectQuotas`: why
   * no layer can be limited; null: each can.
   */
  abilities: {
    args: Nothing,
    result: z.object({ noIdMaps: z.string().nullable(), noProjectQuotas: z.string().nullable().default(null) }),
  },
  /** How a request came out that was made before, whose error is the answer. Null: none was, or it took no effect. */
  outcome: {
    args: z.strictObject({ request: RequestKey }),
    result: z.object({ verb: z.string(), answer: z.unknown() }).nullable(),
  },
  birth: { args: ById, result: z.array(BirthStep) },
  /** Kills every container, removes the cgroup root, answers, and ends the supervisor. */
  shutdown: { args: Nothing, result: z.object({ stopped: z.int() }) },
} as const satisfies Record<string, { args: z.ZodType; result: z.ZodType }>;

export type SupervisorVerb = keyof typeof SUPERVISOR_VERBS;
export type SupervisorArgs<V extends SupervisorVerb> = z.output<(typeof SUPERVISOR_VERBS)[V]['args']>;
export type SupervisorResult<V extends SupervisorVerb> = z.output<(typeof SUPERVISOR_VERBS)[V]['result']>;

export const SupervisorRequest = z.looseObject({
  id: z.int(),
  verb: z.string().max(64),
  args: z.unknown(),
  request: RequestKey.optional(),
});

export const SupervisorMessage = z.union([
  z.object({ id: z.int(), ok: z.literal(true), result: z.unknown() }),
  z.object({ id: z.int(), ok: z.literal(false), error: ErrorBody }),
  z.object({ event: z.literal('container'), record: ContainerRecord }),
  z.object({ event: z.literal('removed'), id: ContainerId }),
  z.object({ event: z.literal('group'), group: GroupRecord }),
  z.object({ event: z.literal('group-removed'), path: GroupPath }),
  z.object({ event: z.literal('incident'), incident: Incident }),
  z.object({ event: z.literal('ledger'), record: LedgerRecord }),
]);
export type SupervisorMessage = z.infer<typeof SupervisorMessage>;
