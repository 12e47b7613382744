import { commandName, type CgroupLayout } from '@plimsoll/core';
import { NamespaceType, type ContainerView, type HostNamespace, type HostNamespaces } from '@plimsoll/protocol';
import { namespaceTable, type TableEntry } from './namespace-table.ts';

/** Every namespace of the host that has a process in it, by type, the host's first. */
export async function hostNamespaces(layout: CgroupLayout, containers: readonly ContainerView[]): Promise<HostNamespaces> {
  const { walked, entries } = await namespaceTable(layout, containers);
  const order = (type: NamespaceType) => NamespaceType.options.indexOf(type);
  const sorted = [...entries.values()].toSorted(
    (a, b) => order(a.type) - order(b.type) || Number(b.isHost) - Number(a.isHost) || a.inode - b.inode,
  );
  return { processes: walked.processes.size, passedOver: walked.passedOver, namespaces: sorted.map(view) };
}

function view({ type, inode, pids, members, strangers, isHost }: TableEntry): HostNamespace {
  const pid = pids[0] ?? 0;
  const within = new Set(pids);
  return {
    type,
    inode,
    processes: pids.length,
    first: { pid, name: commandName(pid) ?? '' },
    containers: [...members].map(({ id, name, state }) => ({
      id,
      name,
      first: 'pid' in state && within.has(state.pid),
    })),
    otherProcesses: strangers,
    isHost,
  };
}
