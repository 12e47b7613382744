import { DEFAULT_PERIOD_US } from '@plimsoll/core';
import { resourcesOf } from '../../resources.ts';
import { ofReading, type CgroupRow } from './cgroup-row.ts';
import type { Metric } from './exposition.ts';
import { count, secondsOfMs } from './numbers.ts';

/** What it may use, what it is made of, and since when. */
export const SPEC: readonly Metric<CgroupRow>[] = [
  {
    name: 'container_spec_memory_limit_bytes',
    type: 'gauge',
    help: 'Its own memory limit; 0: none.',
    // cAdvisor's 0, which dashboards leave out by `> 0`; nothing where memory is not counted at all.
    value: ofReading(({ memoryUsageBytes, memoryLimitBytes }) =>
      Number.isNaN(memoryUsageBytes) ? null : orNone(memoryLimitBytes),
    ),
  },
  {
    name: 'container_spec_cpu_period',
    type: 'gauge',
    help: 'Period in which its cpu limit is enforced, in microseconds.',
    value: ({ limits }) => (limits === null ? null : count(DEFAULT_PERIOD_US)),
  },
  {
    name: 'container_spec_cpu_quota',
    type: 'gauge',
    help: 'Its own cpu limit: microseconds of cpu time in each period. Not there: none.',
    value: ({ limits }) =>
      limits?.cpus === undefined ? null : count(resourcesOf({ cpus: limits.cpus }).cpu?.quota ?? Number.NaN),
  },
  {
    name: 'container_threads',
    type: 'gauge',
    help: 'Processes and threads now.',
    value: ofReading(({ pids }) => count(pids)),
  },
  {
    name: 'container_threads_max',
    type: 'gauge',
    help: 'The most processes and threads that it may have at once; 0: no limit.',
    value: ofReading(({ pids, pidsLimit }) => (Number.isNaN(pids) ? null : orNone(pidsLimit))),
  },
  {
    name: 'container_start_time_seconds',
    type: 'gauge',
    help: 'When it was started, or a group made: seconds since 1970.',
    value: ({ startedAtMs }) => (startedAtMs === null ? null : secondsOfMs(startedAtMs)),
  },
  {
    name: 'container_last_seen',
    type: 'gauge',
    help: 'When these figures were read: seconds since 1970.',
    value: ({ readAtMs }) => secondsOfMs(readAtMs),
  },
];

function orNone(limit: number): string {
  return Number.isNaN(limit) ? '0' : String(limit);
}
