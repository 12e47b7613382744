import type { Cgroup } from './cgroup.ts';
import type { CgroupReading } from './reading.ts';
import { FlatFile, bigintAt, blkioSums, ioStatSums, numberAt } from './text.ts';

/** One file that a reading is made from. */
export interface Source {
  path: string;
  /** Room for its content; the kernel's text is well below. */
  bytes: number;
  /** The cpu counter's: its time is the reading's. */
  timed: boolean;
  take: (content: Uint8Array, reading: CgroupReading) => void;
}

const SMALL = 128;
const NS_PER_US = 1000;

const scratch = new Float64Array(8);
const value = (index: number): number => scratch[index] ?? Number.NaN;

/** The files of this cgroup on this host, the cpu counter first. */
export function sourcesOf(cgroup: Cgroup): Source[] {
  return [
    ...countersOf(cgroup),
    ...throttlingOf(cgroup),
    ...(cgroup.hierarchy('memory')?.version === 2 ? memoryV2(cgroup) : memoryV1(cgroup)),
    ...source(cgroup.file('pids', 'pids.current'), SMALL, (content, reading) => {
      reading.pids = numberAt(content, 0);
    }),
  ];
}

/** Of those the ones that tell what a cgroup has used in all: cpu time and io. */
export function countersOf(cgroup: Cgroup): Source[] {
  return [
    ...(cgroup.file('cpuacct', '') === null ? cpuV2(cgroup) : cpuV1(cgroup)),
    ...(cgroup.hierarchy('io')?.version === 2 ? ioV2(cgroup) : ioV1(cgroup)),
  ];
}

function source(path: string | null, bytes: number, take: Source['take'], timed = false): Source[] {
  return path === null ? [] : [{ path, bytes, timed, take }];
}

const userAndSystem = new FlatFile(['user_usec', 'system_usec']);
const throttling = new FlatFile(['nr_periods', 'nr_throttled', 'throttled_time']);

function cpuV1(cgroup: Cgroup): Source[] {
  const usage = source(
    cgroup.file('cpuacct', 'cpuacct.usage'),
    SMALL,
    (content, reading) => {
      reading.cpuUsageNs = bigintAt(content, 0);
    },
    true,
  );
  const split =
    cgroup.layout.unified === null
      ? [
          ...source(cgroup.file('cpuacct', 'cpuacct.usage_user'), SMALL, (content, reading) => {
            reading.cpuUserNs = numberAt(content, 0);
          }),
          ...source(cgroup.file('cpuacct', 'cpuacct.usage_sys'), SMALL, (content, reading) => {
            reading.cpuSystemNs = numberAt(content, 0);
          }),
        ]
      : source(cgroup.unifiedFile('cpu.stat'), 512, (content, reading) => {
          userAndSystem.read(content, scratch);
          reading.cpuUserNs = value(0) * NS_PER_US;
          reading.cpuSystemNs = value(1) * NS_PER_US;
        });
  return [...usage, ...split];
}

/** v1's cpu controller has a cpu.stat of its own; v2 tells it beside the usage. */
function throttlingOf(cgroup: Cgroup): Source[] {
  if (cgroup.hierarchy('cpu')?.version !== 1) return [];
  return source(cgroup.file('cpu', 'cpu.stat'), 512, (content, reading) => {
    throttling.read(content, scratch);
    reading.cpuPeriods = value(0);
    reading.cpuThrottledPeriods = value(1);
    reading.cpuThrottledNs = value(2);
  });
}

const cpuStat = new FlatFile(['usage_usec', 'user_usec', 'system_usec', 'nr_periods', 'nr_throttled', 'throttled_usec']);

function cpuV2(cgroup: Cgroup): Source[] {
  return source(
    cgroup.unifiedFile('cpu.stat'),
    1024,
    (content, reading) => {
      cpuStat.read(content, scratch);
      reading.cpuUsageNs = BigInt(value(0)) * BigInt(NS_PER_US);
      reading.cpuUserNs = value(1) * NS_PER_US;
      reading.cpuSystemNs = value(2) * NS_PER_US;
      reading.cpuPeriods = value(3);
      reading.cpuThrottledPeriods = value(4);
      reading.cpuThrottledNs = value(5) * NS_PER_US;
    },
    true,
  );
}

/** total_*: the cgroup and all below it, as every other figure here. */
const memoryStatV1 = new FlatFile(['total_rss', 'total_cache', 'total_inactive_file']);

function memoryV1(cgroup: Cgroup): Source[] {
  return [
    ...source(cgroup.file('memory', 'memory.usage_in_bytes'), SMALL, (content, reading) => {
      reading.memoryUsageBytes = numberAt(content, 0);
    }),
    ...source(cgroup.file('memory', 'memory.stat'), 4096, (content, reading) => {
      memoryStatV1.read(content, scratch);
      reading.memoryAnonBytes = value(0);
      reading.memoryFileBytes = value(1);
      reading.memoryInactiveFileBytes = value(2);
    }),
    ...source(cgroup.file('memory', 'memory.kmem.usage_in_bytes'), SMALL, (content, reading) => {
      reading.memoryKernelBytes = numberAt(content, 0);
    }),
  ];
}

const memoryStatV2 = new FlatFile(['anon', 'file', 'inactive_file', 'kernel']);

function memoryV2(cgroup: Cgroup): Source[] {
  return [
    ...source(cgroup.file('memory', 'memory.current'), SMALL, (content, reading) => {
      reading.memoryUsageBytes = numberAt(content, 0);
    }),
    ...source(cgroup.file('memory', 'memory.stat'), 4096, (content, reading) => {
      memoryStatV2.read(content, scratch);
      reading.memoryAnonBytes = value(0);
      reading.memoryFileBytes = value(1);
      reading.memoryInactiveFileBytes = value(2);
      reading.memoryKernelBytes = value(3);
    }),
  ];
}

function ioV1(cgroup: Cgroup): Source[] {
  return [
    ...source(cgroup.file('io', 'blkio.throttle.io_service_bytes_recursive'), 2048, (content, reading) => {
      blkioSums(content, scratch);
      reading.ioReadBytes = value(0);
      reading.ioWriteBytes = value(1);
    }),
    ...source(cgroup.file('io', 'blkio.throttle.io_serviced_recursive'), 2048, (content, reading) => {
      blkioSums(content, scratch);
      reading.ioReadOps = value(0);
      reading.ioWriteOps = value(1);
    }),
  ];
}

function ioV2(cgroup: Cgroup): Source[] {
  return source(cgroup.file('io', 'io.stat'), 4096, (content, reading) => {
    ioStatSums(content, scratch);
    reading.ioReadBytes = value(0);
    reading.ioWriteBytes = value(1);
    reading.ioReadOps = value(2);
    reading.ioWriteOps = value(3);
  });
}
