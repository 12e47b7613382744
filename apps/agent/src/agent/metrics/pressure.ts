import { ofReading, type CgroupRow } from './cgroup-row.ts';
import type { Metric } from './exposition.ts';
import { secondsOfUs } from './numbers.ts';

/** PSI: `waiting` is the kernel's `some`, `stalled` its `full`. */
export const PRESSURE: readonly Metric<CgroupRow>[] = [
  {
    name: 'container_pressure_cpu_waiting_seconds_total',
    type: 'counter',
    help: 'Time in which some task waited for a cpu.',
    value: ofReading(({ cpuPressureUs }) => secondsOfUs(cpuPressureUs)),
  },
  {
    name: 'container_pressure_cpu_stalled_seconds_total',
    type: 'counter',
    help: 'Time in which every task waited for a cpu.',
    value: ofReading(({ cpuFullPressureUs }) => secondsOfUs(cpuFullPressureUs)),
  },
  {
    name: 'container_pressure_memory_waiting_seconds_total',
    type: 'counter',
    help: 'Time in which some task waited for memory.',
    value: ofReading(({ memoryPressureUs }) => secondsOfUs(memoryPressureUs)),
  },
  {
    name: 'container_pressure_memory_stalled_seconds_total',
    type: 'counter',
    help: 'Time in which every task waited for memory.',
    value: ofReading(({ memoryFullPressureUs }) => secondsOfUs(memoryFullPressureUs)),
  },
  {
    name: 'container_pressure_io_waiting_seconds_total',
    type: 'counter',
    help: 'Time in which some task waited for io.',
    value: ofReading(({ ioPressureUs }) => secondsOfUs(ioPressureUs)),
  },
  {
    name: 'container_pressure_io_stalled_seconds_total',
    type: 'counter',
    help: 'Time in which every task waited for io.',
    value: ofReading(({ ioFullPressureUs }) => secondsOfUs(ioFullPressureUs)),
  },
];
