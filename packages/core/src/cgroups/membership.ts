import { readFileSync } from 'node:fs';
import { threadsOf } from '../processes/ancestry.ts';
import { directoriesFrom } from './tree.ts';

/**
 * The paths of the cgroups that it is in, in every hierarchy that the kernel has, with any of its threads: they may sit apart
 * (v1's tasks, v2's threaded cgroups). What this cgroup namespace does not show is left out. None where it has ended.
 */
export function cgroupsOf(pid: number): string[] {
  const paths = new Set<string>();
  for (const tid of threadsOf(pid)) {
    for (const line of linesOf(`/proc/${pid}/task/${tid}/cgroup`)) {
      // cgroups(7): hierarchy-id:controllers:/path; names of v1 hierarchies have no colon, a path may have some.
      const path = /^\d+:[^:]*:\/(.*)$/.exec(line)?.[1];
      if (path !== undefined && path !== '..' && !path.startsWith('../')) paths.add(path);
    }
  }
  return [...paths];
}

/** Whether a cgroup of path `inner` is that of `outer`, or below it. */
export function isWithin(inner: string, outer: string): boolean {
  return outer === '' || inner === outer || inner.startsWith(`${outer}/`);
}

/**
 * Ids of the processes in a cgroup of one hierarchy and below it, each once; 0 stands for those that this pid namespace does
 * not show. Of a threaded cgroup, which has no processes of its own, the threads.
 */
export function processesBelow(mount: string, path: string): number[] {
  const pids = new Set<number>();
  for (const below of directoriesFrom(mount, path)) {
    for (const pid of linesOf(`${mount}/${below}/cgroup.procs`, `${mount}/${below}/cgroup.threads`)) pids.add(Number(pid));
  }
  return [...pids];
}

/** Of the first of these files that can be read. */
function linesOf(...files: string[]): string[] {
  for (const file of files) {
    try {
      return readFileSync(file, 'utf8').split('\n').filter(Boolean);
    } catch {
      // Gone, or EOPNOTSUPP of a threaded cgroup.
    }
  }
  return [];
}
