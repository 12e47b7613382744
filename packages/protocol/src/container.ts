import { z } from 'zod';
import { FinalCounters } from './counters.ts';
import { ErrorBody } from './errors.ts';
import { AbsolutePath, ContainerId, ContainerName, CString, EnvName, GroupPath, Hostname, ImageName } from './names.ts';

export const MIN_CPUS = 0.01;
export const MIN_MEMORY_BYTES = 1024 * 1024;

/** Limits and priorities. A field that is absent is unlimited, or the kernel's default. */
export const Limits = z.strictObject({
  /** Cpus' worth of time: 1.5 is 150 ms in every 100 ms period. The kernel's least quota is 1 ms. */
  cpus: z
    .number()
    .min(MIN_CPUS, `the kernel's least cpu limit is ${MIN_CPUS} cpus (1 ms in each 100 ms)`)
    .max(4096, 'more cpus than any kernel runs on')
    .optional(),
  /** Share under contention, 1 to 10000, default 100 (cgroup v2's cpu.weight; converted to cpu.shares on v1). */
  cpuWeight: z.int().min(1, 'the least weight is 1').max(10_000, 'the greatest weight is 10000').optional(),
  /** Bytes, page cache included (memory.max, memory.limit_in_bytes). */
  memoryBytes: z
    .int()
    .min(MIN_MEMORY_BYTES, 'a container cannot be set up in less than 1 MiB of memory')
    .max(2 ** 52, 'more memory than any kernel addresses')
    .optional(),
  /** Processes and threads at once. */
  pids: z.int().min(1, 'a container needs at least 1 process').max(4_194_304, "above the kernel's greatest pid").optional(),
});
export type Limits = z.infer<typeof Limits>;

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
  labels: z.record(z.string().min(1).max(128), Label).default({}),
  /** Remove the container, its layer and its log when it has ended. Its exit record stays. */
  autoRemove: z.boolean().default(false),
});
/** As a caller writes it: everything but what has no default may be left out. */
export type CreateContainerInput = z.input<typeof CreateContainer>;
export type CreateContainer = z.output<typeof CreateContainer>;

/** A wall-clock instant, ISO 8601 in UTC, milliseconds. */
export const Instant = z.iso.datetime();

/** What holds a container frozen. It runs again when no reason is left. */
export const FreezeReason = z.enum(['user']);
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
  z.object({ status: z.literal('starting') }),
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
  labels: z.record(z.string(), z.string()),
  autoRemove: z.boolean(),
  createdAt: Instant,
  /** How often it was started: the incarnation that meters and exit records are keyed by. 0: never. */
  incarnation: z.int(),
  state: ContainerState,
  /** Path of its cgroup below each hierarchy's mount point. */
  cgroup: z.string(),
  /** The last counters of the last incarnation that ended. */
  lastExit: FinalCounters.nullable(),
});
export type ContainerView = z.infer<typeof ContainerView>;

/** A group that holds containers: one cgroup, whose figures are the kernel's own for the whole of it. */
export const GroupView = z.object({ path: GroupPath, handle: z.int(), cgroup: z.string() });
export type GroupView = z.infer<typeof GroupView>;

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

export const LogLine = z.object({
  at: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  text: z.string(),
  /** The line goes on in the next entry of the same stream. */
  partial: z.boolean(),
});
export type LogLine = z.infer<typeof LogLine>;
