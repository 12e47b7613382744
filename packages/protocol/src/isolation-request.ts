import { z } from 'zod';
import { NamespaceType } from './isolation.ts';
import { AbsolutePath, ContainerRef, Hostname } from './names.ts';
import { MIN_TMPFS_BYTES, RLIMITS } from './kernel-limits.ts';

/** setresuid(2) takes -1 as "leave it". */
const MOST_ID = 0xffff_fffe;
const ACCOUNT = /^(?:\d{1,10}|[a-zA-Z_][a-zA-Z0-9_.-]{0,62}\$?)$/;

function isAccount(text: string): boolean {
  return ACCOUNT.test(text) && !(Number(text) > MOST_ID);
}

/** `1000`, `1000:1000`, `www-data`, `www-data:adm`: names are those of the image's /etc/passwd and /etc/group. */
const User = z
  .string()
  .max(128, 'at most 128 characters')
  .refine((text) => {
    const [user = '', group, more] = text.split(':');
    return more === undefined && isAccount(user) && (group === undefined || isAccount(group));
  }, 'expected a user as "1000", "1000:1000" or by name, "www-data:adm"');

const Group = z.string().refine(isAccount, 'expected a group by number or by name');

const NamespaceRequest = z.union(
  [z.literal('private'), z.literal('host'), z.strictObject({ container: ContainerRef })],
  'expected "private", "host", or {"container": …}',
);
export type NamespaceRequest = z.infer<typeof NamespaceRequest>;

/** Seconds that a clock is put ahead of the host's, or behind it. time_namespaces(7), kernel/time/namespace.c: KTIME_SEC_MAX / 2. */
const OffsetS = z
  .int()
  .min(-4_611_686_018, 'further than the kernel moves a clock')
  .max(4_611_686_018, 'further than the kernel moves a clock');

/** capabilities(7): `CAP_NET_RAW`, `net_raw`, or ALL. */
const CapabilityName = z
  .string()
  .max(64)
  .regex(/^[a-z_]+$/i, 'expected a capability such as CAP_NET_RAW, or ALL')
  .transform((name) => {
    const upper = name.toUpperCase();
    return upper === ALL_CAPABILITIES || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  });
export const ALL_CAPABILITIES = 'ALL';

/** The text of a file as it is: a filter compares 64-bit numbers, which JSON's readers would round. */
const SeccompProfileText = z
  .string()
  .min(2, 'the profile is empty')
  .max(512 * 1024, 'a profile has at most 512 KiB');

const RlimitValue = z.union([z.int().min(0), z.literal('unlimited')], 'expected a whole number from 0 on, or "unlimited"');
export const Rlimit = z
  .strictObject({ soft: RlimitValue, hard: RlimitValue })
  .refine(
    ({ soft, hard }) => hard === 'unlimited' || (soft !== 'unlimited' && soft <= hard),
    'the soft limit is above the hard one',
  );
export type Rlimit = z.infer<typeof Rlimit>;

/** A path without detours, which an image can therefore not redirect by its text. */
const PlainPath = AbsolutePath.refine(
  (path) =>
    path
      .split('/')
      .slice(1)
      .every((part) => part !== '' && part !== '.' && part !== '..'),
  'expected a plain path such as "/run", and not the root',
);

/** A file system in memory of its own. Its pages count as the container's memory. */
export const Tmpfs = z
  .strictObject({
    destination: PlainPath.refine(
      (path) => !/^\/(?:proc|sys|dev)(?:\/|$)/.test(path) || path === '/dev/shm',
      'would cover what a container needs of /proc, /sys and /dev',
    ),
    /** The kernel's own default is half of the host's memory. */
    sizeBytes: z
      .int()
      .min(MIN_TMPFS_BYTES, 'less than a page')
      .max(2 ** 52, 'more memory than any kernel addresses')
      .optional(),
    /** In place of `sizeBytes`: of the host's memory. */
    sizePercent: z.int().min(1, 'less than 1%').max(100, 'more than all of it').optional(),
    /** Files and directories in it. The kernel's own default is one for each two pages of memory. */
    inodes: z
      .int()
      .min(1, 'less than its root directory')
      .max(2 ** 31, 'more than any kernel counts')
      .optional(),
    /** Of its root directory; 0o1777 where it is not said. */
    mode: z.int().min(0).max(0o7777, 'a mode has at most four octal digits').optional(),
    /** Owner of its root directory, by the ids inside; root where it is not said. */
    uid: z.int().min(0).max(MOST_ID, 'no id of a user').optional(),
    gid: z.int().min(0).max(MOST_ID, 'no id of a group').optional(),
    /** Whether programs may be run in it, and whether set-user-ID ones have an effect (mount(8)). */
    exec: z.boolean().optional(),
    suid: z.boolean().optional(),
  })
  .refine(({ sizeBytes, sizePercent }) => sizeBytes === undefined || sizePercent === undefined, 'its size is stated twice');
export type Tmpfs = z.infer<typeof Tmpfs>;

const DevicePath = z
  .string()
  .max(256)
  .regex(/^\/dev(?:\/[a-zA-Z0-9_+:-][a-zA-Z0-9_.+:-]*)+$/, 'expected a path below /dev');

/** A device of the host's, by its path there. */
export const Device = z.strictObject({
  path: DevicePath,
  /** Where it is inside; the same path where it is not said. */
  destination: DevicePath.optional(),
  /** Read, write, mknod. */
  access: z
    .string()
    .regex(/^(?!.*(.).*\1)[rwm]{1,3}$/, 'expected some of "rwm"')
    .default('rwm'),
});
export type Device = z.infer<typeof Device>;

const SysctlName = z
  .string()
  .max(256)
  .regex(/^[a-z0-9_-]+(?:[./][a-zA-Z0-9_:-]+)+$/, 'expected a name such as net.ipv4.ip_forward');
const SysctlValue = z
  .string()
  .max(1024, 'at most 1024 characters')
  .regex(/^[^\n\0]*$/, 'expected one line');

/** An AppArmor profile that is loaded on the host, or `unconfined`; a SELinux context. */
const AppArmor = z.string().regex(/^[!-~]{1,255}$/, 'expected the name of a profile');
const SeLinux = z
  .string()
  .max(255)
  .regex(/^[\w.-]+:[\w.-]+:[\w.-]+(?::[\w.,:-]+)?$/, 'expected a context such as "system_u:system_r:container_t:s0"');

/** The part of a request that says what divides a container from the host. What is not said has the safe default. */
export const IsolationRequest = z.strictObject({
  /** Root of the container where it is not said. */
  user: User.optional(),
  /** Beside the user's own. */
  groups: z.array(Group).max(64, 'at most 64 groups').default([]),
  umask: z.int().min(0).max(0o777, 'a umask has at most three octal digits').optional(),
  /**
   * `private` where it is not said; but the user namespace is that of the container whose pid, ipc or network namespace is
   * joined, since nobody else may mount what shows it.
   */
  namespaces: z.partialRecord(NamespaceType, NamespaceRequest).default({}),
  timeOffsets: z.strictObject({ monotonicS: OffsetS.optional(), boottimeS: OffsetS.optional() }).default({}),
  /** Against the default set: `drop` first, then `add`. `add` ALL means all but those in `drop`. */
  capabilities: z
    .strictObject({
      add: z.array(CapabilityName).max(64, 'at most 64 capabilities').default([]),
      drop: z.array(CapabilityName).max(64, 'at most 64 capabilities').default([]),
    })
    .default({ add: [], drop: [] }),
  noNewPrivileges: z.boolean().default(true),
  seccomp: z
    .union(
      [z.literal('default'), z.literal('unconfined'), z.strictObject({ profile: SeccompProfileText })],
      'expected "default", "unconfined", or {"profile": the text of a file}',
    )
    .default('default'),
  appArmor: AppArmor.optional(),
  seLinux: SeLinux.optional(),
  rlimits: z.partialRecord(z.enum(RLIMITS), Rlimit).default({}),
  /** -1000: the kernel kills it last when the host is out of memory; 1000: first. */
  oomScoreAdj: z.int().min(-1000, 'the least is -1000').max(1000, 'the most is 1000').optional(),
  /** The rootfs; what is mounted in it is as it is mounted. */
  readOnly: z.boolean().default(false),
  tmpfs: z
    .array(Tmpfs)
    .max(64, 'at most 64 of them')
    .refine((all) => new Set(all.map(({ destination }) => destination)).size === all.length, 'a directory is named twice')
    .default([]),
  /** Size of /dev/shm, and so of POSIX shared memory (shm_overview(7)); 64 MiB where it is not said. */
  shmBytes: z
    .int()
    .min(4096, 'less than a page')
    .max(2 ** 52, 'more memory than any kernel addresses')
    .optional(),
  /** Of the namespaces that are its own. */
  sysctls: z.record(SysctlName, SysctlValue).default({}),
  devices: z.array(Device).max(64, 'at most 64 devices').default([]),
  domainname: Hostname.optional(),
});
export type IsolationRequest = z.output<typeof IsolationRequest>;
