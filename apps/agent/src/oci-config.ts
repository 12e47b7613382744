import {
  DEFAULT_CAPABILITIES,
  DEFAULT_DEVICE_RULES,
  DEFAULT_MASKED_PATHS,
  DEFAULT_MOUNTS,
  DEFAULT_NAMESPACES,
  DEFAULT_READONLY_PATHS,
  type OciConfig,
  type OciMount,
} from '@plimsoll/core';
import type { Limits } from '@plimsoll/protocol';
import { resourcesOf } from './resources.ts';

/** A container's rootfs mount point, below its own directory (the bundle, in the standard's words). */
export const ROOTFS = 'rootfs';

export interface ConfigInput {
  id: string;
  hostname: string;
  args: string[];
  /** `NAME=value` each. */
  env: string[];
  cwd: string;
  limits: Limits;
  /** A person's own, in the order in which they are mounted after the default ones. */
  mounts: OciMount[];
  cgroupsPath: string;
}

/** The OCI runtime-spec config of a container with every default of ours, hardened as root's processes must be. */
export function ociConfig({ hostname, args, env, cwd, limits, mounts, cgroupsPath }: ConfigInput): OciConfig {
  const capabilities = [...DEFAULT_CAPABILITIES];
  return {
    ociVersion: '1.2.0',
    root: { path: ROOTFS, readonly: false },
    hostname,
    process: {
      args,
      env,
      cwd,
      user: { uid: 0, gid: 0 },
      // With no_new_privs no exec adds any, so the inheritable set cannot give what the others do not (CVE-2022-24769).
      capabilities: {
        bounding: capabilities,
        effective: capabilities,
        permitted: capabilities,
        inheritable: capabilities,
        ambient: [],
      },
      noNewPrivileges: true,
    },
    mounts: [...structuredClone([...DEFAULT_MOUNTS]), ...mounts],
    linux: {
      namespaces: DEFAULT_NAMESPACES.map((type) => ({ type })),
      cgroupsPath,
      resources: { ...resourcesOf(limits), devices: structuredClone([...DEFAULT_DEVICE_RULES]) },
      maskedPaths: [...DEFAULT_MASKED_PATHS],
      readonlyPaths: [...DEFAULT_READONLY_PATHS],
    },
  };
}
