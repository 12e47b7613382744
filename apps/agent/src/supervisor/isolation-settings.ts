import type { OciConfig } from '@plimsoll/core';
import { NamespaceType, type IsolationSettings, type NamespaceMode } from '@plimsoll/protocol';
import type { ContainerDefinition } from './protocol.ts';

/** What divides a container from the host, as its definition and its config have it. */
export function isolationSettings(
  { sharing, seccomp }: ContainerDefinition,
  { root, process, mounts, linux }: OciConfig,
): IsolationSettings {
  const modeOf = (type: NamespaceType): NamespaceMode => {
    const container = sharing[type];
    if (container !== undefined) return { container };
    return linux.namespaces.some((namespace) => namespace.type === type) ? 'private' : 'host';
  };
  const { uid, gid, additionalGids = [] } = process.user;
  return {
    user: { uid, gid, groups: additionalGids },
    namespaces: Object.fromEntries(NamespaceType.options.map((type) => [type, modeOf(type)])) as IsolationSettings['namespaces'],
    timeOffsets: {
      monotonicS: linux.timeOffsets?.monotonic?.secs ?? 0,
      boottimeS: linux.timeOffsets?.boottime?.secs ?? 0,
    },
    capabilities: process.capabilities.bounding,
    ambient: process.capabilities.ambient,
    noNewPrivileges: process.noNewPrivileges,
    seccomp,
    appArmor: process.apparmorProfile ?? null,
    seLinux: process.selinuxLabel ?? null,
    readOnly: root.readonly ?? false,
    shmBytes: shmBytesOf(mounts),
    devices: (linux.devices ?? []).map(({ path }) => path),
  };
}

/** tmpfs(5): `size=65536k`, or in bytes. */
function shmBytesOf(mounts: OciConfig['mounts']): number | null {
  const shm = mounts.find(({ destination, type }) => destination === '/dev/shm' && type === 'tmpfs');
  const [, digits, unit] = /^size=(\d+)(k?)$/.exec(shm?.options?.find((option) => option.startsWith('size=')) ?? '') ?? [];
  return digits === undefined ? null : Number(digits) * (unit === 'k' ? 1024 : 1);
}
