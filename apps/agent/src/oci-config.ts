import {
  DEFAULT_DEVICE_RULES,
  DEFAULT_MASKED_PATHS,
  DEFAULT_MOUNTS,
  DEFAULT_READONLY_PATHS,
  type OciConfig,
  type OciLinux,
  type OciMount,
  type OciProcess,
  type OciRlimit,
} from '@plimsoll/core';
import { NamespaceType, type CreateContainer, type Rlimit, type Tmpfs } from '@plimsoll/protocol';
import type { Isolation } from './agent/isolation-request/isolation.ts';
import { outerFirst } from './oci-mounts.ts';
import { resourcesOf } from './resources.ts';

/** A container's rootfs mount point, below its own directory (the bundle, in the standard's words). */
export const ROOTFS = 'rootfs';

/** What a request leads to together with its image. */
export interface Resolved {
  hostname: string;
  args: string[];
  /** `NAME=value` each. */
  env: string[];
  cwd: string;
  /** A person's own binds. */
  mounts: OciMount[];
  cgroupsPath: string;
}

/**
 * The OCI runtime-spec config of a container. Of its namespaces it lists those that are made for it; whose range of ids a user
 * namespace has, and which one is joined where, is known at the start.
 */
export function ociConfig(request: CreateContainer, isolation: Isolation, resolved: Resolved): OciConfig {
  const { namespaces, devices } = isolation;
  const ownUts = namespaces.uts === 'private';
  const ownMounts = namespaces.mount === 'private';
  const types = NamespaceType.options.filter((type) => namespaces[type] === 'private');
  const rules = [...structuredClone([...DEFAULT_DEVICE_RULES]), ...devices.map(({ rule }) => rule)];
  const timeOffsets = timeOffsetsOf(request.timeOffsets);
  return {
    ociVersion: '1.2.0',
    root: { path: ROOTFS, readonly: request.readOnly },
    ...(ownUts && { hostname: resolved.hostname }),
    ...(ownUts && request.domainname !== undefined && { domainname: request.domainname }),
    process: processOf(request, isolation, resolved),
    mounts: ownMounts ? mountsOf(request, resolved.mounts) : [],
    linux: {
      namespaces: types.map((type) => ({ type })),
      cgroupsPath: resolved.cgroupsPath,
      resources: { ...resourcesOf(request.limits), devices: rules },
      maskedPaths: ownMounts ? [...DEFAULT_MASKED_PATHS] : [],
      readonlyPaths: ownMounts ? [...DEFAULT_READONLY_PATHS] : [],
      ...(timeOffsets !== undefined && { timeOffsets }),
      ...(Object.keys(request.sysctls).length > 0 && { sysctl: request.sysctls }),
      ...(devices.length > 0 && { devices: devices.map(({ node }) => node) }),
      ...(isolation.seccompProfile !== undefined && { seccomp: isolation.seccompProfile }),
    },
  };
}

function processOf(request: CreateContainer, isolation: Isolation, { args, env, cwd }: Resolved): OciProcess {
  const { user, capabilities: bounding, ambient } = isolation;
  // Over an exec only root keeps more than what is ambient; the bounding set says what a setuid program may have (capabilities(7)).
  const held = user.uid === 0 ? bounding : ambient;
  const rlimits = Object.entries(request.rlimits).map(([name, rlimit]) => rlimitOf(name, rlimit));
  return {
    args,
    env,
    cwd,
    user,
    // With no_new_privs no exec adds any, so the inheritable set cannot give what the others do not (CVE-2022-24769).
    capabilities: { bounding, effective: held, permitted: held, inheritable: held, ambient },
    noNewPrivileges: request.noNewPrivileges,
    ...(rlimits.length > 0 && { rlimits }),
    ...(request.oomScoreAdj !== undefined && { oomScoreAdj: request.oomScoreAdj }),
    ...(request.appArmor !== undefined && { apparmorProfile: request.appArmor }),
    ...(request.seLinux !== undefined && { selinuxLabel: request.seLinux }),
  };
}

/** RLIM_INFINITY, 2^64 - 1, is in JSON the double above it. */
const RLIM_INFINITY = 2 ** 64;

function rlimitOf(name: string, { soft, hard }: Rlimit): OciRlimit {
  const value = (limit: Rlimit['soft']) => (limit === 'unlimited' ? RLIM_INFINITY : limit);
  return { type: `RLIMIT_${name.toUpperCase()}`, soft: value(soft), hard: value(hard) };
}

/** A tmpfs takes the place of a default mount on the same directory. */
function mountsOf({ tmpfs, shmBytes }: CreateContainer, binds: readonly OciMount[]): OciMount[] {
  const own = new Set(tmpfs.map(({ destination }) => destination));
  const kept = structuredClone(DEFAULT_MOUNTS.filter(({ destination }) => !own.has(destination)));
  const shm = kept.find(({ destination }) => destination === '/dev/shm');
  if (shm !== undefined && shmBytes !== undefined) {
    shm.options = (shm.options ?? []).map((option) => (option.startsWith('size=') ? `size=${shmBytes}` : option));
  }
  return [...kept, ...outerFirst([...tmpfs.map(tmpfsMount), ...binds])];
}

function tmpfsMount({ destination, sizeBytes, sizePercent, inodes, mode = 0o1777, uid, gid, exec, suid }: Tmpfs): OciMount {
  const parameters = {
    size: sizePercent === undefined ? sizeBytes : `${sizePercent}%`,
    nr_inodes: inodes,
    uid,
    gid,
  };
  const options = [
    ...(suid === true ? [] : ['nosuid']),
    ...(exec === true ? [] : ['noexec']),
    'nodev',
    `mode=${mode.toString(8).padStart(4, '0')}`,
    ...Object.entries(parameters).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`])),
  ];
  return { destination, type: 'tmpfs', source: 'tmpfs', options };
}

function timeOffsetsOf({ monotonicS, boottimeS }: CreateContainer['timeOffsets']): OciLinux['timeOffsets'] {
  if (monotonicS === undefined && boottimeS === undefined) return undefined;
  const offset = (secs: number) => ({ secs, nanosecs: 0 });
  return {
    ...(monotonicS !== undefined && { monotonic: offset(monotonicS) }),
    ...(boottimeS !== undefined && { boottime: offset(boottimeS) }),
  };
}
