import { z } from 'zod';
import { Alert, AlertReport, AlertRuleRef, AlertRuleView, ChangeAlertRule, CreateAlertRule, WebhookAnswer } from './alert.ts';
import { BirthStep, ContainerView, CreateContainer, RunContainer } from './container.ts';
import { Stats, StatsQuery } from './container-stats.ts';
import { ChartHistory, ChartQuery } from './chart-history.ts';
import { ErrorBody } from './errors.ts';
import { EventPage, EventQuery } from './events.ts';
import { ChangeGroup, CreateGroup, GroupView } from './group.ts';
import { HostReport } from './host.ts';
import { ImageView, ImportSource } from './image.ts';
import { ContainerIsolation, HostNamespaces } from './isolation.ts';
import { CgroupPath, ForeignTarget, HostCgroup, HostCgroupDetail } from './kernel.ts';
import { KernelAnswer, LimitsChange } from './limits.ts';
import { ContainerName, ContainerRef, GroupPath, ImageName, VolumeName } from './names.ts';
import { Signal } from './signal.ts';
import { ContainerProcesses } from './process.ts';
import { LedgerVerdict, UsageQuery, UsageReport } from './usage.ts';
import { CreateVolume, VolumeView } from './volume.ts';

const Target = z.strictObject({ container: ContainerRef });
const GroupTarget = z.strictObject({ group: GroupPath });
const Nothing = z.strictObject({});
const Done = z.object({});

/** Milliseconds between the stop signal and the kill. */
export const DEFAULT_STOP_GRACE_MS = 10_000;
const GraceMs = z.int().min(0).max(600_000).default(DEFAULT_STOP_GRACE_MS);

/**
 * Every command: its arguments, its result, how long the caller waits for the acknowledgement, and who may give it.
 * `local` is root on the agent's host, by a file that only root can read; `user` is any signed-in session as well.
 */
export const COMMANDS = {
  'container.create': { args: CreateContainer, result: ContainerView, deadlineMs: 10_000, who: 'user' },
  'container.start': { args: Target, result: ContainerView, deadlineMs: 20_000, who: 'user' },
  /** Create and start as one: where the start fails nothing is left of it. */
  'container.run': { args: RunContainer, result: ContainerView, deadlineMs: 20_000, who: 'user' },
  'container.freeze': { args: Target, result: ContainerView, deadlineMs: 10_000, who: 'user' },
  'container.thaw': { args: Target, result: ContainerView, deadlineMs: 10_000, who: 'user' },
  /**
   * Acknowledged when it has ended, by its own will or by the kill after the grace time; at once where it does not run. While it is
   * stopping already: the earlier kill holds.
   */
  'container.stop': {
    args: Target.extend({ graceMs: GraceMs }),
    result: ContainerView,
    deadlineMs: 620_000,
    who: 'user',
  },
  /**
   * Stops it where it runs, and starts it; acknowledged when the start is. A kill or a stop that comes meanwhile gives the start up
   * (`wrong-state`). A container that is removed when it ends is not removed by this.
   */
  'container.restart': {
    args: Target.extend({ graceMs: GraceMs }),
    result: ContainerView,
    deadlineMs: 640_000,
    who: 'user',
  },
  /**
   * SIGKILL ends every process in its cgroup, frozen or not, and is acknowledged when all are gone. Any other signal goes to its
   * first process, and is acknowledged when it is sent.
   */
  'container.kill': {
    args: Target.extend({ signal: Signal.default('SIGKILL') }),
    result: ContainerView,
    deadlineMs: 20_000,
    who: 'user',
  },
  /** In any state; id, cgroup, host name and files stay. `conflict` where the name is taken. */
  'container.rename': { args: Target.extend({ name: ContainerName }), result: ContainerView, deadlineMs: 10_000, who: 'user' },
  'container.remove': {
    args: Target.extend({ force: z.boolean().default(false) }),
    result: Done,
    deadlineMs: 20_000,
    who: 'user',
  },
  /**
   * Changes limits and priorities, of a container that runs too. Acknowledged when the kernel has been read back:
   * `kernel` is what each file that was written says now, none where it does not run.
   */
  'container.update': {
    args: Target.extend({ limits: LimitsChange }),
    result: z.object({ container: ContainerView, kernel: z.array(KernelAnswer) }),
    deadlineMs: 10_000,
    who: 'user',
  },
  'container.list': { args: Nothing, result: z.array(ContainerView), deadlineMs: 10_000, who: 'user' },
  'container.inspect': { args: Target, result: ContainerView, deadlineMs: 10_000, who: 'user' },
  /** How its last start was made: every syscall in order, with its time. */
  'container.birth': { args: Target, result: z.array(BirthStep), deadlineMs: 10_000, who: 'user' },
  /** What the kernel says of its first process, read now: `wrong-state` where it has none. */
  'container.isolation': { args: Target, result: ContainerIsolation, deadlineMs: 10_000, who: 'user' },
  /** Its processes, read now: `wrong-state` where it does not run. */
  'container.top': { args: Target, result: ContainerProcesses, deadlineMs: 10_000, who: 'user' },
  /** What containers or groups use now, once: their newest samples. */
  'container.stats': { args: StatsQuery, result: z.array(Stats), deadlineMs: 10_000, who: 'user' },
  /**
   * Its view when it does not run, or does not any more; null when the time has passed: ask again. Of one that was removed with its end
   * the last view, for a minute.
   */
  'container.wait': {
    args: Target.extend({ timeoutMs: z.int().min(0).max(30_000) }),
    result: ContainerView.nullable(),
    deadlineMs: 40_000,
    who: 'user',
  },
  'group.list': { args: Nothing, result: z.array(GroupView), deadlineMs: 10_000, who: 'user' },
  'group.create': { args: CreateGroup, result: GroupView, deadlineMs: 10_000, who: 'user' },
  /** As container.update; a group that was made by use alone is kept from then on. */
  'group.set': {
    args: ChangeGroup,
    result: z.object({ group: GroupView, kernel: z.array(KernelAnswer) }),
    deadlineMs: 10_000,
    who: 'user',
  },
  /** One write to the group's own cgroup: what is in it, below it, or joins it meanwhile. Acknowledged when the kernel says so. */
  'group.freeze': { args: GroupTarget, result: GroupView, deadlineMs: 10_000, who: 'user' },
  'group.thaw': { args: GroupTarget, result: GroupView, deadlineMs: 10_000, who: 'user' },
  /** Acknowledged when no process is left in it; `killed` containers ended by it. */
  'group.kill': {
    args: GroupTarget,
    result: z.object({ group: GroupView, killed: z.int() }),
    deadlineMs: 20_000,
    who: 'user',
  },
  /** Refused while it has containers or groups, unless `force`, which kills and removes them all. */
  'group.remove': {
    args: GroupTarget.extend({ force: z.boolean().default(false) }),
    result: Done,
    deadlineMs: 60_000,
    who: 'user',
  },
  /** The cgroups of the whole host, parents before children. */
  'kernel.cgroups': { args: Nothing, result: z.array(HostCgroup), deadlineMs: 10_000, who: 'user' },
  'kernel.cgroup': { args: z.strictObject({ path: CgroupPath }), result: HostCgroupDetail, deadlineMs: 10_000, who: 'user' },
  /** Of a cgroup that is not this Plimsoll's, and holds nothing that guards it. */
  'kernel.freeze': { args: ForeignTarget, result: HostCgroup, deadlineMs: 10_000, who: 'user' },
  'kernel.thaw': { args: ForeignTarget, result: HostCgroup, deadlineMs: 10_000, who: 'user' },
  'kernel.kill': { args: ForeignTarget, result: HostCgroup, deadlineMs: 20_000, who: 'user' },
  /** Every namespace that a process of the host is in, by type and inode. */
  'kernel.namespaces': { args: Nothing, result: HostNamespaces, deadlineMs: 10_000, who: 'user' },
  'image.list': { args: Nothing, result: z.array(ImageView), deadlineMs: 10_000, who: 'user' },
  'image.import': {
    args: z.strictObject({ name: ImageName, source: ImportSource }),
    result: ImageView,
    deadlineMs: 600_000,
    who: 'local',
  },
  'image.remove': { args: z.strictObject({ name: ImageName }), result: Done, deadlineMs: 60_000, who: 'user' },
  /** What is not measured yet is looked for in the background: a later list has it. */
  'volume.list': { args: Nothing, result: z.array(VolumeView), deadlineMs: 10_000, who: 'user' },
  'volume.create': { args: CreateVolume, result: VolumeView, deadlineMs: 10_000, who: 'user' },
  /** Refused while a container has it among its mounts, whether that runs or not. Acknowledged when its files are deleted. */
  'volume.remove': { args: z.strictObject({ name: VolumeName }), result: Done, deadlineMs: 60_000, who: 'user' },
  /** What was used, to the moment where the span is not over. */
  'usage.query': { args: UsageQuery, result: UsageReport, deadlineMs: 30_000, who: 'user' },
  /** Recomputes the whole ledger from its lowest rows. */
  'ledger.verify': { args: Nothing, result: LedgerVerdict, deadlineMs: 600_000, who: 'user' },
  /** What charts of the past show: every column that is kept, and what happened meanwhile. */
  'chart.history': { args: ChartQuery, result: ChartHistory, deadlineMs: 10_000, who: 'user' },
  'event.list': { args: EventQuery, result: EventPage, deadlineMs: 10_000, who: 'user' },
  'alert.list': { args: Nothing, result: AlertReport, deadlineMs: 10_000, who: 'user' },
  /** `forbidden` where its webhook names an internal address that is not allowed. */
  'alert.create': { args: CreateAlertRule, result: AlertRuleView, deadlineMs: 10_000, who: 'user' },
  /** What fires by a rule whose condition is another now, or that is switched off, is over. */
  'alert.update': { args: ChangeAlertRule, result: AlertRuleView, deadlineMs: 10_000, who: 'user' },
  /** Deliveries of it that were not made yet are given up. */
  'alert.remove': { args: z.strictObject({ rule: AlertRuleRef }), result: Done, deadlineMs: 10_000, who: 'user' },
  /** Sends one delivery to its webhook now, and answers with what came back. */
  'alert.test': { args: z.strictObject({ rule: AlertRuleRef }), result: WebhookAnswer, deadlineMs: 30_000, who: 'user' },
  /** Says that they were seen. Absent: all that there are. */
  'alert.acknowledge': {
    args: z.strictObject({ alerts: z.array(Alert.shape.id.max(64)).max(1000).optional() }),
    result: Done,
    deadlineMs: 10_000,
    who: 'user',
  },
  'host.report': { args: Nothing, result: HostReport, deadlineMs: 10_000, who: 'user' },
  /** Stops every container, then supervisor and agent. */
  'host.shutdown': { args: Nothing, result: z.object({ stopped: z.int() }), deadlineMs: 300_000, who: 'local' },
  /** A one-time token that a browser turns into a session. */
  'session.invite': {
    args: Nothing,
    result: z.object({ token: z.string(), expiresAt: z.string() }),
    deadlineMs: 10_000,
    who: 'local',
  },
} as const satisfies Record<string, { args: z.ZodType; result: z.ZodType; deadlineMs: number; who: 'user' | 'local' }>;

export type Verb = keyof typeof COMMANDS;
export type CommandArgs<V extends Verb> = z.output<(typeof COMMANDS)[V]['args']>;
/** Arguments as a caller writes them: what has a default may be left out. */
export type CommandInput<V extends Verb> = z.input<(typeof COMMANDS)[V]['args']>;
export type CommandResult<V extends Verb> = z.output<(typeof COMMANDS)[V]['result']>;

export function isVerb(text: unknown): text is Verb {
  return typeof text === 'string' && Object.hasOwn(COMMANDS, text);
}

/** What a client sends as the socket.io event `command`, or POSTs to /v1/command. */
export const CommandMessage = z.strictObject({ verb: z.string().max(64), args: z.unknown() });
export type CommandMessage = z.infer<typeof CommandMessage>;

/** The acknowledgement: a result of the verb's shape, or an error. */
export const Answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), error: ErrorBody }),
]);
export type Answer = z.infer<typeof Answer>;
