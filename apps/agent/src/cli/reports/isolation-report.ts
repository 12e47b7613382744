import type { ContainerIsolation, ContainerNamespace, IdMapRow, MountEntry, Seen } from '@plimsoll/protocol';

/** `4026532281 own`, `4026531838 host`, `4026532281 with db, cache`. */
export function describeSharing({ inode, ...namespace }: ContainerNamespace): string {
  return `${inode} ${namespace.sharedWith === 'others' ? `with ${sharers(namespace)}` : namespace.sharedWith}`;
}

/** `nobody: its own`, `the host`, `db, cache`. */
export function withWhom(namespace: ContainerNamespace): string {
  return { own: 'nobody: its own', host: 'the host', others: sharers(namespace) }[namespace.sharedWith];
}

function sharers({ containers, otherProcesses }: Pick<ContainerNamespace, 'containers' | 'otherProcesses'>): string {
  const names = containers.map(({ name }) => name);
  const others = otherProcesses === 1 ? ['a process of no container'] : [`${otherProcesses} processes of no container`];
  return [...names, ...(otherProcesses > 0 ? others : [])].join(', ');
}

/** As `plimsoll isolation` begins: what can be said in a line each. */
export function describeIsolation(isolation: ContainerIsolation): [string, string][] {
  const { pid, capabilities, noNewPrivileges, seccomp, label, uidMap, gidMap, oomScoreAdj, umask, groups } = isolation;
  return [
    ['pid', String(pid)],
    ...Object.entries(capabilities).map(([set, names]): [string, string] => [`${set} capabilities`, describeCapabilities(names)]),
    ['no new privileges', noNewPrivileges ? 'yes' : 'no'],
    ['seccomp', seccomp.mode === 'filter' && seccomp.filters !== null ? `filter (${seccomp.filters})` : seccomp.mode],
    ['label', label ?? 'none: no security module gives labels here'],
    ...uidMap.map((row): [string, string] => ['user ids', describeIdMap(row)]),
    ...gidMap.map((row): [string, string] => ['group ids', describeIdMap(row)]),
    ['groups', groups.join(' ') || 'none'],
    ['umask', umask],
    ['oom_score_adj', String(oomScoreAdj)],
  ];
}

/** `chown, kill, setuid`: as people say them. */
function describeCapabilities(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => name.replace(/^CAP_/, '').toLowerCase()).join(', ');
}

function describeIdMap({ inside, outside, count }: IdMapRow): string {
  if (inside === outside) return `${range(inside, count)}: the same outside`;
  return `${range(inside, count)} inside are ${range(outside, count)} outside`;
}

function range(first: number, count: number): string {
  return count === 1 ? String(first) : `${first} to ${first + count - 1}`;
}

/** Rows of a table: what is told, to the container, of the host. */
export function describeSeen(sees: Seen): string[][] {
  const row = <T>(what: string, { container, host }: { container: T; host: T }, tell: (value: T) => string): string[] => [
    what,
    tell(container),
    tell(host),
  ];
  return [
    row('host name', sees.hostname, (name) => name ?? '—'),
    row('its pid', sees.pid, String),
    row('processes', sees.processes, String),
    row('user', sees.user, ({ uid, gid }) => `${uid ?? 'nobody'}:${gid ?? 'nobody'}`),
    row('mounts', sees.mounts, ({ count }) => String(count)),
    row('root', sees.mounts, ({ root }) => (root === null ? '—' : `${root.fsType} (${root.source})`)),
    row('network devices', sees.network, ({ interfaces }) => interfaces.join(' ') || 'none'),
    row('addresses', sees.network, ({ addresses }) => addresses.join(' ') || 'none'),
    row('monotonic clock', sees.clocks, ({ monotonicMs }) => seconds(monotonicMs)),
    row('up since boot', sees.clocks, ({ boottimeMs }) => seconds(boottimeMs)),
  ];
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

export function describeMount({ mountPoint, root, fsType, source, options, propagation }: MountEntry): string[] {
  return [mountPoint, fsType, root === '/' ? source : `${source}[${root}]`, options, propagation];
}
