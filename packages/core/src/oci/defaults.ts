import type { OciLinux, OciMount, LinuxDeviceRule, NamespaceType } from './config.ts';

/** Podman's default: what a container's root may do without reaching past the container. */
export const DEFAULT_CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
] as const;

export const DEFAULT_NAMESPACES: readonly NamespaceType[] = [
  ...(['user', 'pid', 'mount', 'uts', 'ipc', 'network', 'cgroup', 'time'] as const),
];

/** The directory that sysfs has for a mount of cgroups. */
export const CGROUP_DIRECTORY = '/sys/fs/cgroup';

/** runtime-spec, "Default Filesystems", and what docker and podman add. */
export const DEFAULT_MOUNTS: readonly OciMount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  // Its own cgroup in each hierarchy that it has one in: what language runtimes choose the size of their heap and their threads by.
  { destination: CGROUP_DIRECTORY, type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'noexec', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5', 'max=256'],
  },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
];

/** What /proc and /sys tell or let change of the host. The list of docker, podman and containerd, and /proc/pressure. */
export const DEFAULT_MASKED_PATHS: OciLinux['maskedPaths'] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];
export const DEFAULT_READONLY_PATHS: OciLinux['readonlyPaths'] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  // A trigger costs the host a kernel thread (Documentation/accounting/psi.rst).
  '/proc/pressure',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

/** Deny all, then the nodes of a container's own /dev and its terminals; mknod alone gives no access. */
export const DEFAULT_DEVICE_RULES: readonly LinuxDeviceRule[] = [
  { allow: false },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...[3, 5, 7, 8, 9].map((minor): LinuxDeviceRule => ({ allow: true, type: 'c', major: 1, minor, access: 'rwm' })),
  { allow: true, type: 'c', major: 5, minor: 0, access: 'rwm' },
  { allow: true, type: 'c', major: 5, minor: 2, access: 'rwm' },
  { allow: true, type: 'c', major: 136, access: 'rwm' },
];
