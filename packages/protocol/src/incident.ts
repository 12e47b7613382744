import { z } from 'zod';
import { Instant } from './container-state.ts';
import { ContainerId, GroupPath } from './names.ts';

export const Resource = z.enum(['cpu', 'memory', 'io']);
export type Resource = z.infer<typeof Resource>;

/**
 * What the kernel told of a container's cgroup without being asked.
 *
 *   oom-kill       its OOM killer ended `count` processes (memory.events oom_kill; memory.oom_control on v1)
 *   memory-high    it went past its soft limit `count` times (memory.events high; a threshold of memory.usage_in_bytes on v1)
 *   memory-max     it was held at its memory limit `count` times (memory.events max; memory.failcnt on v1)
 *   pids-refused   `count` forks were refused at its limit (pids.events max)
 *   starving       some of its processes waited for `resource` for `share` of the time that was looked at (PSI)
 */
export const INCIDENT_KINDS = ['oom-kill', 'memory-high', 'memory-max', 'pids-refused', 'starving'] as const;

export const Incident = z.object({
  /** Ascending within one supervisor's life. */
  id: z.int(),
  at: Instant,
  kind: z.enum(INCIDENT_KINDS),
  container: ContainerId,
  group: GroupPath,
  /** How often since it was last told of; 1 for `starving`. */
  count: z.int(),
  /** `starving` alone: what it waits for, and for how much of the time, 0 to 1. */
  resource: Resource.nullable(),
  share: z.number().nullable(),
});
export type Incident = z.infer<typeof Incident>;
