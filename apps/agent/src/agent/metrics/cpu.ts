import { ofReading, type CgroupRow } from './cgroup-row.ts';
import type { Metric } from './exposition.ts';
import { count, secondsOfNs, secondsOfNsCount } from './numbers.ts';

export const CPU: readonly Metric<CgroupRow>[] = [
  {
    name: 'container_cpu_usage_seconds_total',
    type: 'counter',
    help: 'Cpu time used, exactly as the kernel counts it.',
    // As cAdvisor has it where it does not tell of each cpu.
    labels: { cpu: 'total' },
    value: ofReading(({ cpuUsageNs }) => (cpuUsageNs === null ? null : secondsOfNs(cpuUsageNs))),
  },
  {
    name: 'container_cpu_user_seconds_total',
    type: 'counter',
    help: 'Cpu time in user mode, as the kernel estimates it.',
    value: ofReading(({ cpuUserNs }) => secondsOfNsCount(cpuUserNs)),
  },
  {
    name: 'container_cpu_system_seconds_total',
    type: 'counter',
    help: 'Cpu time in the kernel, as the kernel estimates it.',
    value: ofReading(({ cpuSystemNs }) => secondsOfNsCount(cpuSystemNs)),
  },
  {
    name: 'container_cpu_cfs_periods_total',
    type: 'counter',
    help: 'Enforcement periods of its cpu limit.',
    value: ofReading(({ cpuPeriods }) => count(cpuPeriods)),
  },
  {
    name: 'container_cpu_cfs_throttled_periods_total',
    type: 'counter',
    help: 'Enforcement periods in which its cpu limit held it back.',
    value: ofReading(({ cpuThrottledPeriods }) => count(cpuThrottledPeriods)),
  },
  {
    name: 'container_cpu_cfs_throttled_seconds_total',
    type: 'counter',
    help: 'For how long its threads were held back by its cpu limit, summed over cpus.',
    value: ofReading(({ cpuThrottledNs }) => secondsOfNsCount(cpuThrottledNs)),
  },
];
