import { closeSync, openSync, writeSync } from 'node:fs';
import { EventCounter } from '../../events/event-counter.ts';
import type { EventLoop } from '../../events/event-loop.ts';
import type { Cgroup } from '../cgroup.ts';

/**
 * v1 alone: wakes when the cgroup is out of memory, and when the kernel reclaims from it at its limit. For the latter,
 * memory.failcnt has no notification; memory.pressure_level, whose lowest level is any reclaim (a signal for every 512 pages
 * looked at), is the nearest that there is. Both come before the counters have changed, and when the cgroup is removed
 * (Documentation/admin-guide/cgroup-v1/memory.rst, 9 to 11).
 */
export function watchMemorySignals(loop: EventLoop, cgroup: Cgroup, signalled: () => void): Disposable {
  const counter = new EventCounter(loop, `the memory of cgroup ${cgroup.path}`, signalled);
  register(cgroup, counter.fd, 'memory.oom_control', '');
  register(cgroup, counter.fd, 'memory.pressure_level', ' low');
  return counter;
}

/** A kernel that lacks one of them tells what it can. */
function register(cgroup: Cgroup, eventfd: number, name: string, how: string): void {
  const [file, control] = [cgroup.file('memory', name), cgroup.file('memory', 'cgroup.event_control')];
  if (file === null || control === null) return;
  using open = new DisposableStack();
  try {
    // The registration outlives both descriptors.
    const [fileFd, controlFd] = [open.adopt(openSync(file, 'r'), closeSync), open.adopt(openSync(control, 'w'), closeSync)];
    writeSync(controlFd, `${eventfd} ${fileFd}${how}`);
  } catch {
    // No such file, or the cgroup is gone.
  }
}
