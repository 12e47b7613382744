import type { ContainerStatus, ContainerView, GroupView } from '@plimsoll/protocol';
import type { Metric } from './exposition.ts';

/** A container in one of the states that there are, which it is in or not. */
export interface StateRow {
  view: ContainerView;
  status: ContainerStatus;
}

export const STATE: Metric<StateRow> = {
  name: 'plimsoll_container_state',
  type: 'gauge',
  help: 'Whether a container is in this state: 1 for one of them, 0 for the others.',
  value: ({ view, status }) => flag(view.state.status === status),
};

export const CONTAINERS: readonly Metric<ContainerView>[] = [
  {
    name: 'plimsoll_container_frozen',
    type: 'gauge',
    help: 'Whether a container is held frozen.',
    value: ({ state }) => flag(state.status === 'frozen'),
  },
  {
    name: 'plimsoll_container_starts_total',
    type: 'counter',
    help: 'How often a container was started.',
    value: ({ incarnation }) => String(incarnation),
  },
];

export const GROUPS: readonly Metric<GroupView>[] = [
  {
    name: 'plimsoll_group_frozen',
    type: 'gauge',
    help: 'Whether a group is held frozen, by itself or by one above it.',
    value: ({ frozenAt, frozenBy }) => flag(frozenAt !== null || frozenBy !== null),
  },
];

export interface HostFacts {
  cpus: number;
  memoryBytes: number;
  /** Without it what is told of states is what was last heard. */
  hasSupervisor: boolean;
}

export const HOST: readonly Metric<HostFacts>[] = [
  { name: 'machine_cpu_cores', type: 'gauge', help: 'Cpus of this host.', value: ({ cpus }) => String(cpus) },
  { name: 'machine_memory_bytes', type: 'gauge', help: 'Memory of this host.', value: ({ memoryBytes }) => String(memoryBytes) },
  {
    name: 'plimsoll_supervisor_up',
    type: 'gauge',
    help: 'Whether the supervisor is there. Without it, states are those last heard of.',
    value: ({ hasSupervisor }) => flag(hasSupervisor),
  },
];

export const BUILD: Metric<null> = {
  name: 'plimsoll_build_info',
  type: 'gauge',
  help: 'Always 1, labelled with the version and the id of this host.',
  value: () => '1',
};

function flag(is: boolean): string {
  return is ? '1' : '0';
}
