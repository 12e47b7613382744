import { z } from 'zod';
import { FinalCounters } from './counters.ts';
import { ErrorBody } from './errors.ts';
import { IsolationSettings } from './isolation-settings.ts';
import { IsolationWishes } from './isolation-wishes.ts';
import { Limits } from './limits.ts';
import { ContainerMount, ContainerMounts } from './mount.ts';
import { AbsolutePath, ContainerId, ContainerName, CString, EnvName, GroupPath, Hostname, ImageName } from './names.ts';

export const Label = z.string().max(256);

/** What a person asks for. */
export const CreateContainer = z.strictObject({
  name: ContainerName.optional(),
  group: GroupPath.default('default'),
  image: ImageName.default('base'),
  /** Argument vector; the first is looked up on the container's PATH. Empty: the image's own. */
  command: z.array(CString).max(4096, 'at most 4096 arguments').default([]),
  env: z.record(EnvName, CString).default({}),
  workdir: AbsolutePath.optional(),
  hostname: Hostname.optional(),
  limits: Limits.default({}),
  mounts: ContainerMounts.default([]),
  ...IsolationWishes.shape,
  labels: z.record(z.string().min(1).max(128), Label).default({}),
  /** Remove the container, its layer and its log when it has ended. Its exit record stays. */
  autoRemove: z.boolean().default(false),
});
export type CreateContainer = z.output<typeof CreateContainer>;

export const RunContainer = CreateContainer.extend({
  /**
   * Of one with `autoRemove`: its caller reads its output, and removes it when it has read all. It is removed without that where the
   * caller goes away, and a minute after its end at the latest.
   */
  attended: z.boolean().default(false),
});
export type RunContainer = z.output<typeof RunContainer>;
/** As a caller writes it: everything but what has no default may be left out. */
export type CreateContainerInput = z.input<typeof CreateContainer>;

/** A wall-clock instant, ISO 8601 in UTC, milliseconds. */
export const Instant = z.iso.datetime();

/**
 * What holds a container frozen: its own freeze, the freeze of a group that it is in (the outermost that is frozen), or
 * somebody who wrote to its cgroup past Plimsoll. It runs again when no reason is left.
 */
export const FreezeReason = z.discriminatedUnion('by', [
  z.object({ by: z.literal('user') }),
  z.object({ by: z.literal('group'), group: GroupPath }),
  z.object({ by: z.literal('outside') }),
]);
export type FreezeReason = z.infer<typeof FreezeReason>;

/** How a container's first process ended. */
export const ExitStatus = z.object({
  /** As a shell would give it: the exit code, or 128 + signal. Null: it ended while no supervisor watched, and the kernel no longer tells. */
  exitCode: z.int().nullable(),
  /** `SIGKILL` and the like, when a signal ended it. */
  signal: z.string().nullable(),
  /** The kernel's OOM killer ended at least one process of it. */
  oomKilled: z.boolean(),
});
export type ExitStatus = z.infer<typeof ExitStatus>;

/** created -> starting -> running <-> frozen -> stopping -> exited; failed when a start did not come to exec. */
export const ContainerState = z.discriminatedUnion('status', [
  z.object({ status: z.literal('created') }),
  /** `frozenBy`: the group whose freeze it waits behind; it starts when that is thawed. */
  z.object({ status: z.literal('starting'), frozenBy: GroupPath.nullable() }),
  z.object({ status: z.literal('running'), pid: z.int(), startedAt: Instant }),
  z.object({ status: z.literal('frozen'), pid: z.int(), startedAt: Instant, frozenAt: Instant, reasons: z.array(FreezeReason) }),
  z.object({ status: z.literal('stopping'), pid: z.int(), startedAt: Instant, killAt: Instant }),
  z.object({ status: z.literal('exited'), startedAt: Instant, exitedAt: Instant, ...ExitStatus.shape }),
  z.object({ status: z.literal('failed'), failedAt: Instant, error: ErrorBody }),
]);
export type ContainerState = z.infer<typeof ContainerState>;
export type ContainerStatus = ContainerState['status'];

/** A container as the agent tells of it. */
export const ContainerView = z.object({
  id: ContainerId,
  /** Row number in sample frames; holds for the life of one agent. */
  handle: z.int(),
  name: ContainerName,
  group: GroupPath,
  image: ImageName,
  command: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  workdir: z.string(),
  hostname: z.string(),
  limits: Limits,
  mounts: z.array(ContainerMount),
  isolation: IsolationSettings,
  labels: z.record(z.string(), z.string()),
  autoRemove: z.boolean(),
  createdAt: Instant,
  /** How often it was started: the incarnation that meters and exit records are keyed by. 0: never. */
  incarnation: z.int(),
  state: ContainerState,
  /** Path of its cgroup below each hierarchy's mount point. */
  cgroup: z.string(),
  /** Why its last start has less than was asked for, in a sentence: no user namespace, on a file system that cannot. */
  fallback: z.string().nullable(),
  /** The last counters of the last incarnation that ended. */
  lastExit: FinalCounters.nullable(),
});
export type ContainerView = z.infer<typeof ContainerView>;

/** One syscall of a container's start. */
export const BirthStep = z.object({
  /** `mount("proc", "/proc", …)`, decoded; what it is for. */
  syscall: z.string(),
  purpose: z.string(),
  /** Nanoseconds from clone to the end of this step, and of this step alone. Null: not reached or not timed. */
  atNs: z.int().nullable(),
  durationNs: z.int().nullable(),
  /** The kernel's answer: a number, or an errno's name that was expected and let pass. */
  result: z.string().nullable(),
});
export type BirthStep = z.infer<typeof BirthStep>;
