import { z } from 'zod';
import { FinalCounters } from './counters.ts';
import { ContainerState, Instant } from './container-state.ts';
import { NewEnvironment, Variables } from './environment.ts';
import { IsolationSettings } from './isolation-settings.ts';
import { IsolationRequest } from './isolation-request.ts';
import { NewLimits, StoredLimits } from './limits.ts';
import { ContainerMount, ContainerMounts } from './mount.ts';
import { AbsolutePath, ContainerId, ContainerName, GroupPath, Hostname, ImageName } from './names.ts';
import { CommandWords } from './process-strings.ts';

export const Label = z.string().max(256);

/** What a person asks for. */
export const CreateContainer = z.strictObject({
  name: ContainerName.optional(),
  group: GroupPath.default('default'),
  image: ImageName.default('base'),
  /** Argument vector; the first is looked up on the container's PATH. Empty: the image's own. */
  command: CommandWords.default([]),
  env: NewEnvironment.default({}),
  workdir: AbsolutePath.optional(),
  hostname: Hostname.optional(),
  limits: NewLimits.default({}),
  mounts: ContainerMounts.default([]),
  ...IsolationRequest.shape,
  labels: z.record(z.string().min(1).max(128), Label).default({}),
  /** It has a standard input that a client writes to. Without, it reads an end of file at once. */
  openStdin: z.boolean().default(false),
  /** Remove the container, its layer and its log when it has ended. Its exit record stays. */
  autoRemove: z.boolean().default(false),
});
export type CreateContainer = z.output<typeof CreateContainer>;

export const RunContainer = CreateContainer.extend({
  /**
   * Its caller attaches to it, reads its output, and writes its input. Its output waits some seconds for that, and one with `autoRemove` is
   * removed when its caller is gone, or has not come within a minute after its end.
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
  env: Variables,
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
  /** What the maker of it should know, in sentences. In the answer to that command alone. */
  note: z.string().optional(),
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
