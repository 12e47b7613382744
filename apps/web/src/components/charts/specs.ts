import { count, percent } from '../../lib/format.ts';
import type { ChartSubject } from '../../lib/incident-in-words.ts';
import type { ChartColumn } from '@plimsoll/protocol';
import { bytes, bytesPerSecond, cores, inWords, type Quantity } from '@plimsoll/protocol/quantities';
import type { Series } from './plot.ts';

/** The newest reading of a column; NaN: none. */
type Now = (column: ChartColumn) => number;

/** What the limits of a cgroup are, where it has them. */
export interface ChartLimits {
  cpus?: number | undefined;
  memoryBytes?: number | undefined;
  pids?: number | undefined;
  storageBytes?: number | undefined;
}

export interface ChartSpec {
  subject: ChartSubject;
  title: string;
  /** What the figure means. */
  definition: string;
  headline: (now: Now) => Quantity;
  series: readonly Series[];
  /** Further lines of the tooltip. */
  more?: readonly { column: ChartColumn; label: string }[];
  limit?: keyof ChartLimits;
  note?: (now: Now) => string | undefined;
  axis: 'decimal' | 'binary' | 'whole';
  format: (value: number) => Quantity;
  /** Drawn only once there is something to draw. */
  when?: 'any reading' | 'more than nothing';
}

const MEMORY = 'memory';

export const CHARTS: readonly ChartSpec[] = [
  {
    subject: 'cpu',
    title: 'Cpu',
    definition: 'Cpu seconds used in each second, by all of its processes on all cpus: exact, from the kernel’s own counter.',
    headline: (now) => cores(now('cpuCores')),
    series: [{ column: 'cpuCores', label: 'cpu', colour: 'cpu', fillsToLoadLine: true }],
    more: [
      { column: 'cpuUserCores', label: 'user, about' },
      { column: 'cpuSystemCores', label: 'system, about' },
    ],
    limit: 'cpus',
    note: (now) => {
      const share = now('cpuThrottledShare');
      return share > 0.005 ? `held back by its limit ${inWords(percent(share))} of the time` : undefined;
    },
    axis: 'decimal',
    format: cores,
  },
  {
    subject: 'memory',
    title: 'Memory',
    definition:
      'Working set: memory in use without the file cache that the kernel would drop first. The areas are what the kernel tells apart of all that is in use, which the limit is held against.',
    headline: (now) => bytes(now('memoryWorkingSetBytes')),
    series: [
      { column: 'memoryAnonBytes', label: 'anonymous', colour: 'anon', stack: MEMORY, definition: 'Heaps, stacks and the like.' },
      {
        column: 'memoryFileBytes',
        label: 'file cache',
        colour: 'file',
        stack: MEMORY,
        definition: 'Files read or written, kept in memory; tmpfs too.',
      },
      {
        column: 'memoryKernelBytes',
        label: 'kernel',
        colour: 'kernel',
        stack: MEMORY,
        definition: 'What the kernel itself keeps for it: stacks, page tables, dentries, sockets.',
      },
    ],
    more: [
      { column: 'memoryUsageBytes', label: 'in use' },
      { column: 'memoryWorkingSetBytes', label: 'working set' },
      { column: 'memorySwapBytes', label: 'in swap' },
      { column: 'memoryPeakBytes', label: 'most ever' },
    ],
    limit: 'memoryBytes',
    axis: 'binary',
    format: bytes,
  },
  {
    subject: 'io',
    title: 'Block io',
    definition: 'Bytes read from and written to disks, without discards.',
    headline: (now) => bytesPerSecond(now('ioReadBytesPerS') + now('ioWriteBytesPerS')),
    series: [
      { column: 'ioReadBytesPerS', label: 'read', colour: 'read' },
      { column: 'ioWriteBytesPerS', label: 'write', colour: 'write', dashed: true },
    ],
    axis: 'binary',
    format: bytesPerSecond,
  },
  {
    subject: 'pids',
    title: 'Pids',
    definition: 'Processes and threads at this moment.',
    headline: (now) => count(now('pids')),
    series: [{ column: 'pids', label: 'processes and threads', colour: 'pids', fillsToLoadLine: true }],
    limit: 'pids',
    axis: 'whole',
    format: count,
  },
  {
    subject: 'pressure',
    title: 'Pressure',
    definition:
      'Part of the time in which some of its processes waited for a resource (the kernel’s pressure stall information).',
    headline: (now) => percent(Math.max(now('cpuPressure'), now('memoryPressure'), now('ioPressure'))),
    series: [
      { column: 'cpuPressure', label: 'cpu', colour: 'cpu', definition: 'Ready to run, and had to wait for a cpu.' },
      {
        column: 'memoryPressure',
        label: 'memory',
        colour: 'anon',
        definition: 'Waited for memory to be taken back or read again.',
      },
      { column: 'ioPressure', label: 'disks', colour: 'write', definition: 'Waited for reads and writes.' },
      {
        column: 'cpuThrottledShare',
        label: 'throttled',
        colour: 'kernel',
        dashed: true,
        definition: 'Part of the periods in which its cpu limit, and not a want of cpus, held it back.',
      },
    ],
    axis: 'decimal',
    format: percent,
  },
  {
    subject: 'network',
    title: 'Network',
    definition: 'Bytes received and sent through the interfaces of its own network namespace, loopback left out.',
    headline: (now) => bytesPerSecond(now('netReceivedBytesPerS') + now('netSentBytesPerS')),
    series: [
      { column: 'netReceivedBytesPerS', label: 'received', colour: 'received' },
      { column: 'netSentBytesPerS', label: 'sent', colour: 'sent', dashed: true },
    ],
    axis: 'binary',
    format: bytesPerSecond,
    when: 'more than nothing',
  },
  {
    subject: 'disk',
    title: 'Own files',
    definition:
      'Bytes on disk of what it has written or changed: its own layer over the image. The file system counts it where it has project quotas; elsewhere it is counted now and then.',
    headline: (now) => bytes(now('diskUpperBytes')),
    series: [{ column: 'diskUpperBytes', label: 'own layer', colour: 'file' }],
    limit: 'storageBytes',
    axis: 'binary',
    format: bytes,
    when: 'any reading',
  },
];
