import { cgroupsOf, hierarchiesOf, isWithin, Pauses, processesBelow, type CgroupLayout } from '@plimsoll/core';
import type { ContainerView } from '@plimsoll/protocol';

/** The container that each process is of, by pid: of what is in its cgroup or below it. */
export async function membersOf(layout: CgroupLayout, containers: readonly ContainerView[]): Promise<Map<number, ContainerView>> {
  const pauses = new Pauses();
  const members = new Map<number, ContainerView>();
  // Its first process is in every hierarchy from the start, and so is what it begets.
  const [hierarchy] = hierarchiesOf(layout);
  if (hierarchy === undefined) return members;
  for (const container of containers) {
    for (const pid of processesBelow(hierarchy.mount, container.cgroup)) members.set(pid, container);
    if (pauses.isDue) await pauses.take();
  }
  return members;
}

/** The same of one process, which may have come since. Null: it has ended. Undefined: it is of none of them. */
export function memberOf(pid: number, containers: readonly ContainerView[]): ContainerView | null | undefined {
  const cgroups = cgroupsOf(pid);
  if (cgroups.length === 0) return null;
  return containers.find(({ cgroup }) => cgroups.some((path) => isWithin(path, cgroup)));
}
