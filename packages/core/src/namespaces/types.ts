import type { CLONE } from '../abi/clone.ts';
import type { NamespaceType, OciConfig } from '../oci/config.ts';

/** Of each type its flag (clone(2), setns(2)) and its file in /proc/<pid>/ns (namespaces(7)). */
export const NAMESPACES: Record<NamespaceType, { flag: keyof typeof CLONE; file: string }> = {
  user: { flag: 'CLONE_NEWUSER', file: 'user' },
  pid: { flag: 'CLONE_NEWPID', file: 'pid' },
  mount: { flag: 'CLONE_NEWNS', file: 'mnt' },
  network: { flag: 'CLONE_NEWNET', file: 'net' },
  uts: { flag: 'CLONE_NEWUTS', file: 'uts' },
  ipc: { flag: 'CLONE_NEWIPC', file: 'ipc' },
  cgroup: { flag: 'CLONE_NEWCGROUP', file: 'cgroup' },
  time: { flag: 'CLONE_NEWTIME', file: 'time' },
};

/** `/proc/17/ns/net` */
export function namespacePath(pid: number, type: NamespaceType): string {
  return `/proc/${pid}/ns/${NAMESPACES[type].file}`;
}

/** Where a config has a namespace of a type: made for it, somebody else's, or the host's. */
export function namespaceOf({ linux }: OciConfig, type: NamespaceType): 'own' | 'joined' | 'host' {
  const found = linux.namespaces.find((namespace) => namespace.type === type);
  return found === undefined ? 'host' : found.path === undefined ? 'own' : 'joined';
}
