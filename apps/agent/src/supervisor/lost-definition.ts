import { readFileSync, readlinkSync } from 'node:fs';
import { DEFAULT_NAMESPACES, idMap, IDS_IN_A_RANGE, namespacePath, type NamespaceType } from '@plimsoll/core';
import { lstatIfThere } from '../stores/lstat.ts';
import type { ContainerDefinition } from './protocol.ts';
import type { ContainerPaths } from './store.ts';

const NO_CAPABILITIES = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] };

interface Remains {
  id: string;
  group: string;
  cgroupRoot: string;
  paths: ContainerPaths;
  /** Of its first process; null: it does not run. */
  pid: number | null;
}

/**
 * In place of a definition that no file has any more: what the kernel and the container's files still say. Enough to see it,
 * to meter it, and to end and remove it; not to start it again.
 */
export function lostDefinition({ id, group, cgroupRoot, paths, pid }: Remains): ContainerDefinition {
  const first = firstIdOf(paths, pid);
  const namespaces = pid === null ? DEFAULT_NAMESPACES.filter((type) => type !== 'user' || first !== null) : namespacesOf(pid);
  const command = pid === null ? [] : commandOf(pid);
  return {
    version: 1,
    id,
    name: `lost-${id}`,
    group,
    image: 'lost',
    imageDigest: '',
    layers: [paths.upper],
    limits: {},
    mounts: [],
    labels: {},
    autoRemove: false,
    createdAt: new Date().toISOString(),
    sharing: {},
    seccomp: 'default',
    lost: true,
    config: {
      ociVersion: '1.2.0',
      root: { path: 'rootfs', readonly: false },
      process: {
        args: command.length > 0 ? command : ['(lost)'],
        env: [],
        cwd: '/',
        user: { uid: 0, gid: 0 },
        capabilities: NO_CAPABILITIES,
        noNewPrivileges: true,
      },
      mounts: [],
      linux: {
        namespaces: namespaces.map((type) => ({ type })),
        cgroupsPath: `${cgroupRoot}/${group}/${id}`,
        resources: {},
        maskedPaths: [],
        readonlyPaths: [],
        ...(first !== null && namespaces.includes('user') && { uidMappings: idMap(first), gidMappings: idMap(first) }),
      },
    },
  };
}

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

/** Those that are not the host's. */
function namespacesOf(pid: number): NamespaceType[] {
  const read = (of: number, type: NamespaceType) => readlinkSync(namespacePath(of, type));
  try {
    return DEFAULT_NAMESPACES.filter((type) => read(pid, type) !== read(process.pid, type));
  } catch {
    return [...DEFAULT_NAMESPACES];
  }
}

/** Of the range of host ids that it has: by its user namespace, or by the owner of its layer. Null: the host's own. */
function firstIdOf(paths: ContainerPaths, pid: number | null): number | null {
  const first = (pid === null ? null : mappedRoot(pid)) ?? lstatIfThere(paths.upper)?.uid ?? 0;
  return first >= IDS_IN_A_RANGE ? first : null;
}

function mappedRoot(pid: number): number | null {
  try {
    const [inside, outside] = readFileSync(`/proc/${pid}/uid_map`, 'latin1').trim().split(/\s+/).map(Number);
    return inside === 0 && outside !== undefined ? outside : null;
  } catch {
    return null;
  }
}
