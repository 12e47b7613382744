import { NamespaceType, type IsolationSettings } from '@plimsoll/protocol';
import type { ContainerRecord, GroupRecord } from '../supervisor/protocol.ts';

/** A container with the defaults, in eight namespaces of its own. */
export function isolationSettings(more: Partial<IsolationSettings> = {}): IsolationSettings {
  return {
    user: { uid: 0, gid: 0, groups: [] },
    namespaces: Object.fromEntries(NamespaceType.options.map((type) => [type, 'private'])) as IsolationSettings['namespaces'],
    timeOffsets: { monotonicS: 0, boottimeS: 0 },
    capabilities: [],
    ambient: [],
    noNewPrivileges: true,
    seccomp: 'default',
    appArmor: null,
    seLinux: null,
    readOnly: false,
    shmBytes: 65536 * 1024,
    devices: [],
    ...more,
  };
}

/** A record as the supervisor would send it, of a container that was never started. */
export function containerRecord(id: string, name: string, more: Partial<ContainerRecord> = {}): ContainerRecord {
  const group = more.group ?? 'acme/web';
  return {
    id,
    name,
    group,
    image: 'base',
    imageDigest: 'sha256:0',
    layers: ['/layer'],
    command: ['true'],
    env: {},
    workdir: '/',
    hostname: name,
    limits: {},
    isolation: isolationSettings(),
    mounts: [],
    labels: {},
    autoRemove: false,
    createdAt: '2026-01-01T00:00:00.000Z',
    incarnation: 0,
    state: { status: 'created' },
    cgroup: `plimsoll/${group}/${id}`,
    fallback: null,
    lastExit: null,
    ...more,
  };
}

export const RUNNING = { status: 'running', pid: 4242, startedAt: '2026-01-01T00:00:01.000Z' } as const;

/** A group that was made by use alone. */
export function groupRecord(path: string, more: Partial<GroupRecord> = {}): GroupRecord {
  return {
    path,
    cgroup: `plimsoll/${path}`,
    displayName: null,
    limits: {},
    kept: false,
    createdAt: '2026-01-01T00:00:00.000Z',
    frozenAt: null,
    frozenBy: null,
    ...more,
  };
}
