import { Cgroup } from '@plimsoll/core';
import { cgroupsBelow, clearCgroups } from './clear-cgroups.ts';
import type { Container } from './container/container.ts';
import { executedIn } from './find-process.ts';
import type { Host } from './identity.ts';

/** Removes the cgroups of starts that died with their supervisor, and of groups without members. What runs there stays. */
export async function clearStrays(
  host: Host,
  root: string,
  { groups, containers }: { groups: Iterable<string>; containers: readonly Container[] },
): Promise<void> {
  const { layout } = host;
  const kept = new Set(groups);
  for (const path of cgroupsBelow(layout, root)) {
    const cgroup = new Cgroup(layout, path);
    if (path !== root && executedIn(cgroup).length > 0) for (const one of cgroup.lineage) kept.add(one);
  }
  for (const { status, isAlive, isRecorded, record } of containers) {
    const { lineage } = new Cgroup(layout, record.cgroup);
    // One that runs, or whose end the disk did not take yet, keeps its own cgroup; one that ran keeps its group's, and with it the group's counters.
    for (const path of isAlive || !isRecorded ? lineage : status === 'created' ? [] : lineage.slice(0, -1)) kept.add(path);
  }
  await clearCgroups(host, root, kept);
}
