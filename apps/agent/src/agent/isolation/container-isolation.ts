import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isOfEnded, hostnameSeenBy, type CgroupLayout } from '@plimsoll/core';
import {
  PlimsollError,
  type ContainerIsolation,
  type ContainerNamespace,
  type ContainerView,
  type MountEntry,
  type Seen,
} from '@plimsoll/protocol';
import { clocksSeenBy } from './clocks.ts';
import { idInside, idMapOf } from './id-map.ts';
import { labelOf } from './label.ts';
import { mountsSeenBy } from './mount-info.ts';
import { entriesSeenBy, namespaceTable, type NamespaceTable, type TableEntry } from './namespace-table.ts';
import { networkSeenBy } from './network.ts';
import { limitsOf } from './process-limits.ts';
import { processesSeenIn } from './processes-seen.ts';
import { parseStatus, type ProcessStatus } from './status.ts';

type Details = Omit<ContainerIsolation, 'pid' | 'namespaces' | 'sees'>;

/** `containers`: all with a living process, this one too. Throws `wrong-state` where it has none. */
export async function containerIsolation(
  layout: CgroupLayout,
  container: ContainerView,
  containers: readonly ContainerView[],
): Promise<ContainerIsolation> {
  const { name, state } = container;
  if (!('pid' in state)) {
    throw new PlimsollError('wrong-state', `container "${name}" has no living process: it is ${state.status}`, {
      hint: 'Start it: what isolates a container is read of its first process.',
    });
  }
  const { pid } = state;
  try {
    const status = parseStatus(await readFile(`/proc/${pid}/status`, 'utf8'));
    const details = await detailsOf(pid, status);
    const sees = await seenBy(pid, details.mounts);
    // At last: a process that is in the container's cgroup by then is the one that was read.
    const table = await namespaceTable(layout, containers);
    const entries = entriesSeenBy(table, pid);
    if (entries === null || table.members.get(pid)?.id !== container.id) throw ended(name);
    const namespaces = entries.map((entry) => namespaceFor(container, entry));
    return { pid, namespaces, ...details, sees: { ...sees, ...processesSeen(pid, status, details, table) } };
  } catch (error) {
    if (isOfEnded(error)) throw ended(name, error);
    throw error;
  }
}

function ended(name: string, cause?: unknown): PlimsollError {
  return new PlimsollError('wrong-state', `the first process of container "${name}" has just ended`, { cause });
}

async function detailsOf(
  pid: number,
  { capabilities, noNewPrivileges, seccomp, umask, groups }: ProcessStatus,
): Promise<Details> {
  const [label, uidMap, gidMap, mounts, score, limits] = await Promise.all([
    labelOf(pid),
    idMapOf(pid, 'uid'),
    idMapOf(pid, 'gid'),
    mountsSeenBy(pid),
    readFile(`/proc/${pid}/oom_score_adj`, 'utf8'),
    limitsOf(pid),
  ]);
  const oomScoreAdj = Number(score);
  return { capabilities, noNewPrivileges, seccomp, label, uidMap, gidMap, mounts, oomScoreAdj, limits, umask, groups };
}

async function seenBy(
  pid: number,
  mounts: readonly MountEntry[],
): Promise<Pick<Seen, 'hostname' | 'mounts' | 'network' | 'clocks'>> {
  const [mountsOfHost, networkInside, networkOfHost, clocks] = await Promise.all([
    mountsSeenBy(process.pid),
    networkSeenBy(pid),
    networkSeenBy(process.pid),
    clocksSeenBy(pid),
  ]);
  return {
    hostname: { container: hostnameSeenBy(pid), host: hostname() },
    mounts: { container: inShort(mounts), host: inShort(mountsOfHost) },
    network: { container: networkInside, host: networkOfHost },
    clocks,
  };
}

function inShort(mounts: readonly MountEntry[]): Seen['mounts']['host'] {
  // Of several at one place the last lies on top.
  const root = mounts.findLast(({ mountPoint }) => mountPoint === '/');
  return { count: mounts.length, root: root === undefined ? null : { fsType: root.fsType, source: root.source } };
}

function processesSeen(
  pid: number,
  { pids, uid, gid }: ProcessStatus,
  { uidMap, gidMap }: Details,
  table: NamespaceTable,
): Pick<Seen, 'pid' | 'processes' | 'user'> {
  const { processes, passedOver } = table.walked;
  return {
    pid: { container: pids.at(-1) ?? pid, host: pid },
    processes: {
      container: processesSeenIn(table, processes.get(pid)?.pid ?? 0),
      host: processes.size + passedOver,
    },
    user: { container: { uid: idInside(uidMap, uid), gid: idInside(gidMap, gid) }, host: { uid, gid } },
  };
}

function namespaceFor({ id: own }: ContainerView, { type, inode, members, strangers, isHost }: TableEntry): ContainerNamespace {
  const others = [...members].filter(({ id }) => id !== own);
  return {
    type,
    inode,
    sharedWith: isHost ? 'host' : others.length + strangers > 0 ? 'others' : 'own',
    containers: others.map(({ id, name }) => ({ id, name })),
    otherProcesses: strangers,
  };
}
