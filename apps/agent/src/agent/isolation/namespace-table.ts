import { Pauses, type CgroupLayout } from '@plimsoll/core';
import { NamespaceType, type ContainerView } from '@plimsoll/protocol';
import { memberOf, membersOf } from './members.ts';
import { walkNamespaces, type Inodes, type Walked } from './walk.ts';

/** One namespace, and who is in it. */
export interface TableEntry {
  type: NamespaceType;
  inode: number;
  /** The lowest first. */
  pids: number[];
  /** The containers that have a process in it. */
  members: Set<ContainerView>;
  /** Processes of none of the containers. */
  strangers: number;
  isHost: boolean;
}

export interface NamespaceTable {
  walked: Walked;
  /** The container that a process is of, by pid. */
  members: ReadonlyMap<number, ContainerView>;
  /** By inode: the kernel numbers namespaces of all types in one row. */
  entries: ReadonlyMap<number, TableEntry>;
}

/** Every namespace of the host that has a process in it. `containers`: those with a living process. */
export async function namespaceTable(layout: CgroupLayout, containers: readonly ContainerView[]): Promise<NamespaceTable> {
  const walked = await walkNamespaces();
  // After the walk: what was seen there and has ended since is looked at once more below.
  const members = await membersOf(layout, containers);
  const entries = await entriesOf(walked.processes);
  const pauses = new Pauses();
  for (const entry of entries.values()) {
    for (const pid of entry.pids) {
      count(entry, members.get(pid));
      if (pauses.isDue) await pauses.take();
    }
  }
  for (const entry of entries.values()) {
    if (entry.isHost || entry.members.size === 0 || entry.strangers === 0) continue;
    for (const pid of entry.pids.filter((one) => !members.has(one))) {
      recount(entry, pid, memberOf(pid, containers));
      if (pauses.isDue) await pauses.take();
    }
  }
  return { walked, members, entries };
}

/** A container's own namespaces, in the order of the types. Null: it has ended. */
export function entriesSeenBy({ walked, entries }: NamespaceTable, pid: number): TableEntry[] | null {
  const inodes = walked.processes.get(pid);
  if (inodes === undefined) return null;
  return NamespaceType.options.map((type) => entries.get(inodes[type] ?? 0)).filter((entry) => entry !== undefined);
}

async function entriesOf(processes: ReadonlyMap<number, Inodes>): Promise<Map<number, TableEntry>> {
  const pauses = new Pauses();
  const host = new Set(Object.values(processes.get(process.pid) ?? {}));
  const entries = new Map<number, TableEntry>();
  for (const [pid, inodes] of processes) {
    for (const [type, inode] of Object.entries(inodes) as [NamespaceType, number][]) {
      const known = entries.get(inode);
      if (known === undefined) {
        entries.set(inode, { type, inode, pids: [pid], members: new Set(), strangers: 0, isHost: host.has(inode) });
      } else {
        known.pids.push(pid);
      }
    }
    if (pauses.isDue) await pauses.take();
  }
  return entries;
}

/** One that was taken for a stranger: of a container after all, or ended. */
function recount(entry: TableEntry, pid: number, container: ContainerView | null | undefined): void {
  if (container === undefined) return;
  entry.strangers -= 1;
  if (container === null) entry.pids = entry.pids.filter((one) => one !== pid);
  else count(entry, container);
}

function count(entry: TableEntry, container: ContainerView | undefined): void {
  if (container === undefined) entry.strangers += 1;
  else entry.members.add(container);
}
