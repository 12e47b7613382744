import { z } from 'zod';

/** A cgroup's path below every hierarchy's mount point, `system.slice/cron.service`; the root's is empty. */
export const CgroupPath = z
  .string()
  .max(2048, 'longer than any cgroup path')
  .refine((path) => !path.includes('\0'), 'contains a NUL character')
  .refine(
    (path) => path === '' || path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'contains an empty part, "." or ".."',
  );

/** Who made a cgroup, by its path. `plimsoll`: this one; `other-plimsoll`: another state root on this host. */
export const CgroupOwner = z.enum(['root', 'plimsoll', 'other-plimsoll', 'docker', 'podman', 'kubernetes', 'systemd', 'other']);
export type CgroupOwner = z.infer<typeof CgroupOwner>;

/** A cgroup of the host, whoever made it. */
export const HostCgroup = z.object({
  path: CgroupPath,
  /** Row number in sample frames; holds for the life of one agent. */
  handle: z.int(),
  /** The hierarchies that have it: `v2`, or a v1 hierarchy's controllers, `cpu,cpuacct`. */
  hierarchies: z.array(z.string()),
  owner: CgroupOwner,
  /** There are processes in it or below it. */
  populated: z.boolean(),
  /** Null: no hierarchy that has it can freeze. */
  frozen: z.boolean().nullable(),
  /** Why it can be neither frozen nor killed from here. Null: it can. */
  guarded: z.string().nullable(),
});
export type HostCgroup = z.infer<typeof HostCgroup>;

export const HostProcess = z.object({
  pid: z.int(),
  /** The kernel's name of it (comm), and its arguments, cut at 4096 characters. */
  name: z.string(),
  command: z.string(),
  uid: z.int(),
});
export type HostProcess = z.infer<typeof HostProcess>;

/** `processes`: those in the cgroup itself, at most 1000. `files`: what its interface files read, those of one line. */
export const HostCgroupDetail = z.object({
  cgroup: HostCgroup,
  processes: z.array(HostProcess),
  files: z.array(z.object({ file: z.string(), reads: z.string() })),
});
export type HostCgroupDetail = z.infer<typeof HostCgroupDetail>;

/** `confirm` is the path once more, as a person typed it. */
export const ForeignTarget = z.strictObject({ path: CgroupPath, confirm: z.string().max(2048) });
export type ForeignTarget = z.output<typeof ForeignTarget>;
