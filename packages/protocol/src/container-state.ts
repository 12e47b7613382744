import { z } from 'zod';
import { ErrorBody } from './errors.ts';
import { ContainerId, ContainerName, GroupPath } from './names.ts';

/** A wall-clock instant, ISO 8601 in UTC, milliseconds. */
export const Instant = z.iso.datetime();

/**
 * What holds a container frozen: its own freeze, the freeze of a group that it is in (the outermost that is frozen), a file
 * system that was nearly full while its layer or its log grew, or somebody who wrote to its cgroup past Plimsoll. It runs again
 * when no reason is left; a thaw of the container takes all but its group's away.
 */
export const FreezeReason = z.discriminatedUnion('by', [
  z.object({ by: z.literal('user') }),
  z.object({ by: z.literal('group'), group: GroupPath }),
  z.object({ by: z.literal('disk'), fileSystem: z.string() }),
  z.object({ by: z.literal('outside') }),
]);
export type FreezeReason = z.infer<typeof FreezeReason>;

/** How a container's first process ended. */
export const ExitStatus = z.object({
  /** As a shell would give it: the exit code, or 128 + signal. Null: it ended while no supervisor watched, and the kernel does not know any more. */
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

/** Of a start, alone or with the making of its container: more than the 30 s that a start has by itself. */
export const START_DEADLINE_MS = 40_000;

/** The part of a container's view that its starter needs; it is quick to validate. */
export const ContainerBrief = z.object({
  id: ContainerId,
  name: ContainerName,
  state: ContainerState,
  fallback: z.string().nullable(),
  note: z.string().optional(),
  unmapped: z.array(z.string()).optional(),
});
export type ContainerBrief = z.infer<typeof ContainerBrief>;
