import { z } from 'zod';
import { FinalCounters } from './counters.ts';
import { ContainerState, Instant } from './container-state.ts';
import { IsolationSettings } from './isolation-settings.ts';
import { IsolationRequest } from './isolation-request.ts';
import { NewLimits, StoredLimits } from './limits.ts';
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
  limits: NewLimits.default({}),
  mounts: ContainerMounts.default([]),
  ...IsolationRequest.shape,
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

/** A container as the agent reports it. */
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
  limits: StoredLimits,
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
  /** Sources of binds whose files its last start shows by the host's ids, since their file system cannot show them by others. */
  unmapped: z.array(z.string()).optional(),
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
