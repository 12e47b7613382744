import type { CgroupReading } from '@plimsoll/core';
import type { Limits } from '@plimsoll/protocol';

/** One cgroup that was just read: a container's, a group's, or the root. */
export interface CgroupRow {
  reading: CgroupReading;
  /** Null: nobody limits the root. */
  limits: Limits | null;
  /** Unix time, ms. Null: it was always there. */
  startedAtMs: number | null;
  readAtMs: number;
}

/** A metric of the reading alone. */
export const ofReading =
  (take: (reading: CgroupReading) => string | null) =>
  ({ reading }: CgroupRow): string | null =>
    take(reading);
