import { z } from 'zod';
import { sizeInWords } from './quantities/index.ts';

export const MIN_CPUS = 0.01;
export const MIN_MEMORY_BYTES = 1024 * 1024;
const MOST_MEMORY_BYTES = 2 ** 52;
/** The directories of an empty layer take 8 KiB. */
export const MIN_STORAGE_BYTES = 64 * 1024;
/** Processes and threads of a new container whose request names no limit on them; podman has the same. */
export const DEFAULT_PIDS = 2048;
const MOST_STORAGE_BYTES = 2 ** 52;
/** cpumask(7): CONFIG_NR_CPUS of the largest kernels. */
const MOST_CPUS = 8192;

/** `0-3,6`: the kernel's list format (cpuset(7)), ranges ascending. */
const KernelList = z
  .string()
  .max(1024, 'at most 1024 characters')
  .regex(/^\d{1,4}(?:-\d{1,4})?(?:,\d{1,4}(?:-\d{1,4})?)*$/, 'expected a list such as "0-3,6"')
  .refine(
    (list) => list.split(',').every((range) => isAscending(range.split('-').map(Number))),
    `each range ascends, and numbers stay below ${MOST_CPUS}`,
  );

function isAscending([first = 0, last = first]: number[]): boolean {
  return first <= last && last < MOST_CPUS;
}

/** A block device by `major:minor`; by its path below /dev on the agent's host where a person gives it. Whole disks alone. */
export const BlockDevice = z
  .string()
  .max(256)
  .regex(/^(?:\d{1,4}:\d{1,7}|\/dev\/[\w./:-]+)$/, 'expected a disk as "major:minor" or as a path below /dev');

const Rate = z
  .int()
  .min(1, 'a limit of less than 1 per second stops all io')
  .max(2 ** 52, 'more than any device does');

/** What may be read from and written to one disk in a second. A field that is absent is unlimited. */
export const IoLimit = z
  .strictObject({
    device: BlockDevice,
    readBytesPerS: Rate.optional(),
    writeBytesPerS: Rate.optional(),
    readOpsPerS: Rate.optional(),
    writeOpsPerS: Rate.optional(),
  })
  .refine((limit) => Object.keys(limit).length > 1, 'a disk is named and nothing is limited');
export type IoLimit = z.infer<typeof IoLimit>;

const Memory = z
  .int()
  .min(MIN_MEMORY_BYTES, `a container cannot be set up in less than ${sizeInWords(MIN_MEMORY_BYTES)} of memory`)
  .max(MOST_MEMORY_BYTES, 'more memory than any kernel addresses');

const FIELDS = {
  /** Cpus' worth of time: 1.5 is 150 ms in every 100 ms period. The kernel's least quota is 1 ms. */
  cpus: z
    .number()
    .min(MIN_CPUS, `the kernel's least cpu limit is ${MIN_CPUS} cpus (1 ms in each 100 ms)`)
    .max(4096, 'more cpus than any kernel runs on'),
  /** Share under contention, 1 to 10000, default 100 (cgroup v2's cpu.weight; converted to cpu.shares on v1). */
  cpuWeight: z.int().min(1, 'the least weight is 1').max(10_000, 'the greatest weight is 10000'),
  /** The cpus, and the memory nodes, that it may use at all. */
  cpusetCpus: KernelList,
  cpusetMems: KernelList,
  /** Bytes, page cache included (memory.max, memory.limit_in_bytes). Past it the OOM killer comes. */
  memoryBytes: Memory,
  /**
   * A soft limit, bytes. On v2 memory.high: past it processes are slowed down and reclaimed from. On v1
   * memory.soft_limit_in_bytes: reclaimed from first when the host is short of memory.
   */
  memoryHighBytes: Memory,
  /** Bytes of swap beyond the memory limit (memory.swap.max; memsw = memory + swap on v1). Needs a memory limit. */
  swapBytes: z.int().min(0, 'swap cannot be negative').max(MOST_MEMORY_BYTES, 'more swap than any kernel has'),
  /** Processes and threads at once. */
  pids: z.int().min(1, 'a container needs at least 1 process').max(4_194_304, "above the kernel's greatest pid"),
  /** One entry a disk. */
  io: z
    .array(IoLimit)
    .max(64, 'at most 64 disks')
    .refine((limits) => new Set(limits.map(({ device }) => device)).size === limits.length, 'a disk is named twice'),
  /** Share of a busy disk, 1 to 10000, default 100 (io.weight; blkio.bfq.weight on v1). */
  ioWeight: z.int().min(1, 'the least weight is 1').max(10_000, 'the greatest weight is 10000'),
  /**
   * Bytes on disk of a container's layer: what it writes outside of its mounts. Enforced by a project quota, in steps of 1 KiB; a
   * write past it fails with EDQUOT or ENOSPC. Of containers alone: a group has no layer.
   */
  storageBytes: z
    .int()
    .min(MIN_STORAGE_BYTES, `the least is ${sizeInWords(MIN_STORAGE_BYTES)}`)
    .max(MOST_STORAGE_BYTES, 'more than any file system has'),
} as const;

/** Limits and priorities. A field that is absent is unlimited, or the kernel's default. */
export const Limits = z.strictObject({
  cpus: FIELDS.cpus.optional(),
  cpuWeight: FIELDS.cpuWeight.optional(),
  cpusetCpus: FIELDS.cpusetCpus.optional(),
  cpusetMems: FIELDS.cpusetMems.optional(),
  memoryBytes: FIELDS.memoryBytes.optional(),
  memoryHighBytes: FIELDS.memoryHighBytes.optional(),
  swapBytes: FIELDS.swapBytes.optional(),
  pids: FIELDS.pids.optional(),
  io: FIELDS.io.optional(),
  ioWeight: FIELDS.ioWeight.optional(),
  storageBytes: FIELDS.storageBytes.optional(),
});
export type Limits = z.infer<typeof Limits>;
export type LimitName = keyof Limits;
/** As they are stored and reported: what a newer version has added to them is kept. */
export const StoredLimits: z.ZodType<Limits> = z.looseObject(Limits.shape);

/** Those of a new container: `pids` has a default, and null is any number of processes. */
export const NewLimits = Limits.extend({ pids: FIELDS.pids.nullable().optional() });
export type NewLimits = z.infer<typeof NewLimits>;

/** A change of limits: an absent field stays as it is, null takes a limit away, `io` replaces the whole list. */
export const LimitsChange = z.strictObject({
  cpus: FIELDS.cpus.nullable().optional(),
  cpuWeight: FIELDS.cpuWeight.nullable().optional(),
  cpusetCpus: FIELDS.cpusetCpus.nullable().optional(),
  cpusetMems: FIELDS.cpusetMems.nullable().optional(),
  memoryBytes: FIELDS.memoryBytes.nullable().optional(),
  memoryHighBytes: FIELDS.memoryHighBytes.nullable().optional(),
  swapBytes: FIELDS.swapBytes.nullable().optional(),
  pids: FIELDS.pids.nullable().optional(),
  io: FIELDS.io.nullable().optional(),
  ioWeight: FIELDS.ioWeight.nullable().optional(),
  storageBytes: FIELDS.storageBytes.nullable().optional(),
});
export type LimitsChange = z.infer<typeof LimitsChange>;

/** Those of a group. */
export const GroupLimits = Limits.omit({ storageBytes: true });
export const GroupLimitsChange = LimitsChange.omit({ storageBytes: true });

/** The limits after a change. */
export function changedLimits(limits: Limits, change: LimitsChange): Limits {
  const merged = Object.entries({ ...limits, ...change }).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(merged) as Limits;
}

/** The change that takes another one back, given the limits before it. */
export function changeBack(before: Limits, change: LimitsChange): LimitsChange {
  return Object.fromEntries(Object.keys(change).map((name) => [name, before[name as LimitName] ?? null]));
}

/** A limit as the kernel has it after a change: the cgroup file, or `project quota ID`, and what it reads. */
export const KernelAnswer = z.object({ file: z.string(), reads: z.string() });
export type KernelAnswer = z.infer<typeof KernelAnswer>;
