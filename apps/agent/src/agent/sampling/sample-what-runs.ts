import { join } from 'node:path';
import type { ContainerView } from '@plimsoll/protocol';
import { lineage, type Registry } from '../registry.ts';
import type { Sampler } from './sampler.ts';

/** Keeps the sampler reading the cgroups of what runs: containers, and the groups that have any running beneath them. */
export function sampleWhatRuns(registry: Registry, sampler: Sampler, containersDirectory: string): void {
  /** Running containers by group path. */
  const running = new Map<string, Set<string>>();

  const begin = ({ id, handle, cgroup, group }: ContainerView, pid: number): void => {
    sampler.start(handle, cgroup, { pid, upper: join(containersDirectory, id, 'upper') });
    for (const path of lineage(group)) {
      const members = running.get(path) ?? new Set();
      running.set(path, members.add(id));
      const view = registry.group(path);
      if (view !== undefined) sampler.start(view.handle, view.cgroup);
    }
  };

  const end = ({ id, handle, group }: ContainerView): void => {
    sampler.stop(handle);
    for (const path of lineage(group)) {
      const members = running.get(path);
      if (!members?.delete(id) || members.size > 0) continue;
      running.delete(path);
      const view = registry.group(path);
      if (view !== undefined) sampler.stop(view.handle);
    }
  };

  registry.on('container', (view) => {
    const pid = pidOf(view);
    if (pid === null) end(view);
    else begin(view, pid);
  });
  registry.on('removed', (view) => {
    end(view);
    sampler.forget(view.handle);
  });
  registry.on('group-removed', ({ handle }) => sampler.forget(handle));
}

/** Null: it does not run, and has no cgroup. */
function pidOf({ state }: ContainerView): number | null {
  return state.status === 'running' || state.status === 'frozen' || state.status === 'stopping' ? state.pid : null;
}
