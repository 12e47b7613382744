import { z } from 'zod';
import { ContainerId, ContainerName } from './names.ts';

/** namespaces(7), by the names that the OCI runtime-spec has for them. */
export const NamespaceType = z.enum(['uts', 'pid', 'mount', 'network', 'ipc', 'user', 'cgroup', 'time']);
export type NamespaceType = z.infer<typeof NamespaceType>;

const NamedContainer = z.object({ id: ContainerId, name: ContainerName });

/** A namespace that a container is in. A kernel without a type has none of it. */
export const ContainerNamespace = z.object({
  type: NamespaceType,
  /** Names it for as long as it lives: the file of /proc/<pid>/ns. */
  inode: z.int(),
  /** `host`: with what Plimsoll itself runs in. `others`: with somebody else. */
  sharedWith: z.enum(['own', 'host', 'others']),
  /** The other containers of this Plimsoll that have a process in it. */
  containers: z.array(NamedContainer),
  /** Processes in it that are of no container of this Plimsoll. */
  otherProcesses: z.int(),
});
export type ContainerNamespace = z.infer<typeof ContainerNamespace>;

/** By their names in capabilities(7), `CAP_CHOWN`; one that is newer than this list by its number, `CAP_41`. */
export const CapabilitySets = z.object({
  effective: z.array(z.string()),
  permitted: z.array(z.string()),
  inheritable: z.array(z.string()),
  bounding: z.array(z.string()),
  ambient: z.array(z.string()),
});
export type CapabilitySets = z.infer<typeof CapabilitySets>;

/** `count` ids from `inside` on are those from `outside` on, as the agent sees them (user_namespaces(7)). */
export const IdMapRow = z.object({ inside: z.int(), outside: z.int(), count: z.int() });
export type IdMapRow = z.infer<typeof IdMapRow>;

/** A line of proc_pid_mountinfo(5). */
export const MountEntry = z.object({
  mountPoint: z.string(),
  /** What of the file system is mounted there. */
  root: z.string(),
  fsType: z.string(),
  source: z.string(),
  options: z.string(),
  superOptions: z.string(),
  /** `private`, `shared`, `slave`, `unbindable`, or several. */
  propagation: z.string(),
});
export type MountEntry = z.infer<typeof MountEntry>;

/** A line of /proc/<pid>/limits; decimal digits, null: unlimited. */
export const ProcessLimit = z.object({
  name: z.string(),
  soft: z.string().nullable(),
  hard: z.string().nullable(),
  /** Empty for what is a mere number. */
  unit: z.string(),
});
export type ProcessLimit = z.infer<typeof ProcessLimit>;

const beside = <Shape extends z.ZodType>(shape: Shape) => z.object({ container: shape, host: shape });

const MountsSeen = z.object({ count: z.int(), root: z.object({ fsType: z.string(), source: z.string() }).nullable() });
/** Addresses of all its interfaces together; a container's broadcast and multicast ones are left out. */
const NetworkSeen = z.object({ interfaces: z.array(z.string()), addresses: z.array(z.string()) });
/** CLOCK_MONOTONIC and CLOCK_BOOTTIME, both read at one moment. */
const ClocksSeen = z.object({ monotonicMs: z.int(), boottimeMs: z.int() });

/** The same of both: what a container's first process is told, and what the host is. */
export const Seen = z.object({
  /** Null: it cannot be told. */
  hostname: beside(z.string().nullable()),
  /** Of the container's first process. */
  pid: beside(z.int()),
  /** In the pid namespace, and in those that were made inside of it. */
  processes: beside(z.int()),
  /** As whom the container's first process runs. Null: its namespace has no id for that. */
  user: beside(z.object({ uid: z.int().nullable(), gid: z.int().nullable() })),
  mounts: beside(MountsSeen),
  network: beside(NetworkSeen),
  clocks: beside(ClocksSeen),
});
export type Seen = z.infer<typeof Seen>;

/** What /proc says of the isolation of a container's first process, at one moment. */
export const ContainerIsolation = z.object({
  pid: z.int(),
  namespaces: z.array(ContainerNamespace),
  capabilities: CapabilitySets,
  noNewPrivileges: z.boolean(),
  /** `filters`: how many are on top of each other; null before Linux 5.9, which does not tell. */
  seccomp: z.object({ mode: z.enum(['disabled', 'strict', 'filter']), filters: z.int().nullable() }),
  /** Of a security module, as /proc/<pid>/attr/current says it. Null: there is none that gives labels. */
  label: z.string().nullable(),
  uidMap: z.array(IdMapRow),
  gidMap: z.array(IdMapRow),
  mounts: z.array(MountEntry),
  oomScoreAdj: z.int(),
  limits: z.array(ProcessLimit),
  /** Octal, `0022`. */
  umask: z.string(),
  /** Supplementary groups, as the agent sees them. */
  groups: z.array(z.int()),
  sees: Seen,
});
export type ContainerIsolation = z.infer<typeof ContainerIsolation>;

/** A namespace of the host that some process is in. */
export const HostNamespace = z.object({
  type: NamespaceType,
  inode: z.int(),
  processes: z.int(),
  /** The one with the lowest pid, and the kernel's name of it (comm). */
  first: z.object({ pid: z.int(), name: z.string() }),
  /** The containers of this Plimsoll that have a process in it; `first`: their first one is among them. */
  containers: z.array(NamedContainer.extend({ first: z.boolean() })),
  /** Processes in it that are of none of these. */
  otherProcesses: z.int(),
  /** What Plimsoll itself runs in. */
  isHost: z.boolean(),
});
export type HostNamespace = z.infer<typeof HostNamespace>;

/** `passedOver`: processes that ended meanwhile, or that the kernel does not let the agent look at. */
export const HostNamespaces = z.object({
  processes: z.int(),
  passedOver: z.int(),
  namespaces: z.array(HostNamespace),
});
export type HostNamespaces = z.infer<typeof HostNamespaces>;
