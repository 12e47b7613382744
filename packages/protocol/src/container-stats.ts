import { z } from 'zod';
import { Instant } from './container-state.ts';
import { ContainerId, ContainerRef, GroupPath } from './names.ts';

export const StatsQuery = z
  .strictObject({
    /** Absent: all that run. Those that are named are read now. */
    containers: z.array(ContainerRef).max(10_000, 'at most 10000 at once').optional(),
    /** Groups in place of containers, each with all that is in it. */
    groups: z.boolean().default(false),
  })
  .refine(({ containers, groups }) => !groups || containers === undefined, {
    message: 'every group is shown: name no container',
    path: ['containers'],
  });

/** What a container or a group uses. Null: it does not run, this host does not count that, or a rate has only one reading yet. */
export const Stats = z.object({
  /** Null of a group, whose path is its name. */
  id: ContainerId.nullable(),
  name: z.string(),
  group: GroupPath,
  at: Instant.nullable(),
  /** Since its start, decimal digits. */
  cpuUsageNs: z.string().nullable(),
  cpuCores: z.number().nullable(),
  memoryWorkingSetBytes: z.number().nullable(),
  /** Its own limit. */
  memoryLimitBytes: z.int().nullable(),
  ioReadBytesPerS: z.number().nullable(),
  ioWriteBytesPerS: z.number().nullable(),
  pids: z.int().nullable(),
  /** Bytes on disk of its layer. */
  diskBytes: z.number().nullable(),
  /** What its layer may take. */
  diskLimitBytes: z.int().nullable(),
});
export type Stats = z.infer<typeof Stats>;
