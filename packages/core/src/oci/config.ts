import type { SeccompProfile } from '../security/seccomp/profile.ts';

/**
 * The part of the OCI runtime-spec's config.json that core carries out (runtime-spec v1.2, config.md and
 * config-linux.md), with the standard's own field names. validate.ts turns anything else into an error: what is asked for
 * and not done would be a lie.
 */
export interface OciConfig {
  ociVersion: string;
  /** `path` is below the bundle's directory. */
  root: { path: string; readonly?: boolean };
  hostname?: string;
  domainname?: string;
  process: OciProcess;
  mounts: OciMount[];
  linux: OciLinux;
  annotations?: Record<string, string>;
}

export interface OciProcess {
  args: string[];
  env: string[];
  cwd: string;
  user: { uid: number; gid: number; additionalGids?: number[]; umask?: number };
  capabilities: OciCapabilities;
  noNewPrivileges: boolean;
  /** `RLIMIT_NOFILE` and the like (getrlimit(2)). Without CAP_SYS_RESOURCE no hard limit can be raised. */
  rlimits?: OciRlimit[];
  /** -1000 to 1000. Without CAP_SYS_RESOURCE it cannot be lowered. */
  oomScoreAdj?: number;
  /** A profile that is loaded on this host. */
  apparmorProfile?: string;
  /** `system_u:system_r:container_t:s0:c1,c2` */
  selinuxLabel?: string;
}

export interface OciRlimit {
  type: string;
  soft: number;
  hard: number;
}

export interface OciCapabilities {
  bounding: string[];
  effective: string[];
  permitted: string[];
  inheritable: string[];
  ambient: string[];
}

/**
 * Types: proc, sysfs, tmpfs, devpts, mqueue, cgroup, which is the container's own one in each hierarchy, read-only; and bind, whose `source` is
 * a path on the host. `options` as mount(8) writes them, and `idmap`: in the container a file belongs to whom it says on disk, whatever ids the container's are outside.
 * `idmap=auto`: where the file system can do that, and the host's ids otherwise.
 */
export interface OciMount {
  destination: string;
  type: string;
  source: string;
  options: string[];
}

export const NAMESPACE_TYPES = ['pid', 'mount', 'uts', 'ipc', 'network', 'cgroup', 'user', 'time'] as const;
export type NamespaceType = (typeof NAMESPACE_TYPES)[number];

/** A type that is not listed is the host's. With a `path`, `/proc/17/ns/net`, it is the one there, and none is made. */
export interface OciNamespace {
  type: NamespaceType;
  path?: string;
}

/** user_namespaces(7): `size` ids from `containerID` on inside are those from `hostID` on outside. */
export interface OciIdMapping {
  containerID: number;
  hostID: number;
  size: number;
}

/** time_namespaces(7): what is added to the host's clock. */
export interface OciTimeOffset {
  secs: number;
  nanosecs: number;
}

/** A device node; `path` lies below /dev. */
export interface OciDevice {
  type: 'c' | 'b';
  path: string;
  major: number;
  minor: number;
  fileMode?: number;
  uid?: number;
  gid?: number;
}

export interface OciLinux {
  namespaces: OciNamespace[];
  /** Of its user namespace, and of one that it joins: these are how that one's were written. */
  uidMappings?: OciIdMapping[];
  gidMappings?: OciIdMapping[];
  /** Of a time namespace of its own. */
  timeOffsets?: { monotonic?: OciTimeOffset; boottime?: OciTimeOffset };
  /** `net.ipv4.ip_unprivileged_port_start`: of the namespaces that are its own. */
  sysctl?: Record<string, string>;
  /** Beside the standard ones. What may be opened is said by `resources.devices`. */
  devices?: OciDevice[];
  /** Absent: unconfined. The standard's form, or that of Docker's files, whose conditions are resolved at the start. */
  seccomp?: SeccompProfile;
  /** `plimsoll/acme/0123456789abcdef`, below the mount point of every hierarchy. */
  cgroupsPath: string;
  resources: LinuxResources;
  maskedPaths: string[];
  readonlyPaths: string[];
}

/** What a cgroup allows. In an update an absent property stays, and -1, 0 or '' (as said below) take a limit away. */
export interface LinuxResources {
  /** `quota` -1: none. `cpus`, `mems` '': the parent's. */
  cpu?: { shares?: number; quota?: number; period?: number; cpus?: string; mems?: string };
  /**
   * Bytes; -1: none. `swap` is memory and swap together, as the standard has it. `reservation`, its soft limit, is
   * memory.high on v2, which holds usage down; runc makes it memory.low there, which holds reclaim off.
   */
  memory?: { limit?: number; reservation?: number; swap?: number };
  pids?: { limit: number };
  blockIO?: LinuxBlockIO;
  devices?: LinuxDeviceRule[];
  /** Of the standard's free choice of v2 files the one whose v1 form is coarser: `io.weight`, 1 to 10000. */
  unified?: { 'io.weight'?: string };
}

export interface LinuxBlockIO {
  /** 10 to 1000. `unified['io.weight']` says it finer. */
  weight?: number;
  throttleReadBpsDevice?: ThrottleDevice[];
  throttleWriteBpsDevice?: ThrottleDevice[];
  throttleReadIOPSDevice?: ThrottleDevice[];
  throttleWriteIOPSDevice?: ThrottleDevice[];
}

/** Bytes or operations a second; 0: no limit. */
export interface ThrottleDevice {
  major: number;
  minor: number;
  rate: number;
}

/** One rule of the device cgroup. No type: every device. No major or minor: any. */
export interface LinuxDeviceRule {
  allow: boolean;
  type?: 'a' | 'b' | 'c';
  major?: number;
  minor?: number;
  access?: string;
}
