import { existsSync, readFileSync } from 'node:fs';
import { sharesToWeight, type Cgroup, type Controller } from '@plimsoll/core';

/** No limit on v1: as many whole pages as fit into 63 bits. */
const V1_UNLIMITED = 2n ** 63n - 4096n;
const NS_PER_US = 1000n;

/** A file of one controller as it is now. Throws where this host has no such controller, or the cgroup no such file. */
function readFile(cgroup: Cgroup, controller: Controller, file: string): string {
  const path = cgroup.file(controller, file);
  if (path === null) throw new Error(`this host has no ${controller} controller to read ${file} from`);
  return readFileSync(path, 'utf8').trim();
}

/** A file of the v2 tree: there on hybrid too. */
export function readUnified(cgroup: Cgroup, file: string): string {
  const path = cgroup.unifiedFile(file);
  if (path === null) throw new Error(`this host has no v2 tree to read ${file} from`);
  return readFileSync(path, 'utf8').trim();
}

/** The number after `key` in a file of lines `key value`; null where it has no such line. */
export function valueOf(text: string, key: string): bigint | null {
  const value = new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1];
  return value === undefined ? null : BigInt(value);
}

export const isV2 = (cgroup: Cgroup, controller: Controller): boolean => cgroup.hierarchy(controller)?.version === 2;

/** Exact on v1; whole microseconds on v2. */
export function cpuUsageNs(cgroup: Cgroup): bigint {
  if (cgroup.hierarchy('cpuacct') !== undefined) return BigInt(readFile(cgroup, 'cpuacct', 'cpuacct.usage'));
  return requireValue(readUnified(cgroup, 'cpu.stat'), 'usage_usec') * NS_PER_US;
}

/** `nr_periods`, `nr_throttled`, and the time throttled in all. */
export function throttling(cgroup: Cgroup): { periods: number; throttled: number; throttledNs: number } {
  const stat = readFile(cgroup, 'cpu', 'cpu.stat');
  const throttledNs = isV2(cgroup, 'cpu')
    ? requireValue(stat, 'throttled_usec') * NS_PER_US
    : requireValue(stat, 'throttled_time');
  return {
    periods: Number(requireValue(stat, 'nr_periods')),
    throttled: Number(requireValue(stat, 'nr_throttled')),
    throttledNs: Number(throttledNs),
  };
}

/** Null: no limit. */
export function cpuQuota(cgroup: Cgroup): { quotaUs: number | null; periodUs: number } {
  const [quota, period] = isV2(cgroup, 'cpu')
    ? (readFile(cgroup, 'cpu', 'cpu.max').split(' ') as [string, string])
    : [readFile(cgroup, 'cpu', 'cpu.cfs_quota_us'), readFile(cgroup, 'cpu', 'cpu.cfs_period_us')];
  return { quotaUs: quota === 'max' || quota === '-1' ? null : Number(quota), periodUs: Number(period) };
}

export function cpuWeight(cgroup: Cgroup): number {
  return isV2(cgroup, 'cpu')
    ? Number(readFile(cgroup, 'cpu', 'cpu.weight'))
    : sharesToWeight(Number(readFile(cgroup, 'cpu', 'cpu.shares')));
}

export function memoryUsageBytes(cgroup: Cgroup): number {
  return Number(readFile(cgroup, 'memory', isV2(cgroup, 'memory') ? 'memory.current' : 'memory.usage_in_bytes'));
}

/** Anonymous memory, page cache and its inactive part, of the cgroup and all below it. */
export function memorySplit(cgroup: Cgroup): { anonBytes: number; fileBytes: number; inactiveFileBytes: number } {
  const stat = readFile(cgroup, 'memory', 'memory.stat');
  const keys = isV2(cgroup, 'memory')
    ? (['anon', 'file', 'inactive_file'] as const)
    : (['total_rss', 'total_cache', 'total_inactive_file'] as const);
  const [anonBytes, fileBytes, inactiveFileBytes] = keys.map((key) => Number(requireValue(stat, key))) as [
    number,
    number,
    number,
  ];
  return { anonBytes, fileBytes, inactiveFileBytes };
}

/** Null: no limit. */
export function memoryLimitBytes(cgroup: Cgroup): number | null {
  return bytesOrNone(readFile(cgroup, 'memory', isV2(cgroup, 'memory') ? 'memory.max' : 'memory.limit_in_bytes'));
}

/** memory.high and v1's soft limit. Null: none. */
export function memorySoftLimitBytes(cgroup: Cgroup): number | null {
  return bytesOrNone(readFile(cgroup, 'memory', isV2(cgroup, 'memory') ? 'memory.high' : 'memory.soft_limit_in_bytes'));
}

/** Swap alone on both: v1's file limits memory and swap together. Null: no limit. */
export function swapLimitBytes(cgroup: Cgroup): number | null {
  if (isV2(cgroup, 'memory')) return bytesOrNone(readFile(cgroup, 'memory', 'memory.swap.max'));
  const both = bytesOrNone(readFile(cgroup, 'memory', 'memory.memsw.limit_in_bytes'));
  return both === null ? null : both - (memoryLimitBytes(cgroup) ?? 0);
}

/** Whether this kernel counts swap by cgroup at all. */
export function hasSwapAccounting(cgroup: Cgroup): boolean {
  const path = cgroup.file('memory', isV2(cgroup, 'memory') ? 'memory.swap.max' : 'memory.memsw.limit_in_bytes');
  return path !== null && existsSync(path);
}

/** A fork is counted before it is refused (kernel/cgroup/pids.c, pids_try_charge): above the limit at moments, where nothing is frozen. */
export const pidsCurrent = (cgroup: Cgroup): number => Number(readFile(cgroup, 'pids', 'pids.current'));

/** Null: no limit. */
export function pidsLimit(cgroup: Cgroup): number | null {
  const limit = readFile(cgroup, 'pids', 'pids.max');
  return limit === 'max' ? null : Number(limit);
}

/** How many forks were refused. */
export const pidsRefused = (cgroup: Cgroup): number => Number(requireValue(readFile(cgroup, 'pids', 'pids.events'), 'max'));

/** The cpus that its processes may run on, as the kernel lists them: `0-1`. */
export function cpusInForce(cgroup: Cgroup): string {
  return readFile(cgroup, 'cpuset', isV2(cgroup, 'cpuset') ? 'cpuset.cpus.effective' : 'cpuset.effective_cpus');
}

/** What is left of a rate when there is none: v1 removes the line, or has the greatest number there is. */
const V1_NO_RATE = 2n ** 64n - 2n;

const RATES = {
  readBytesPerSecond: { key: 'rbps', file: 'blkio.throttle.read_bps_device' },
  writeBytesPerSecond: { key: 'wbps', file: 'blkio.throttle.write_bps_device' },
  readOpsPerSecond: { key: 'riops', file: 'blkio.throttle.read_iops_device' },
  writeOpsPerSecond: { key: 'wiops', file: 'blkio.throttle.write_iops_device' },
} as const;

/** One rate of one disk (`254:0`). Null: no limit. */
export function ioLimit(cgroup: Cgroup, device: string, rate: keyof typeof RATES): number | null {
  const { key, file } = RATES[rate];
  const v2 = isV2(cgroup, 'io');
  const lines = readFile(cgroup, 'io', v2 ? 'io.max' : file).split('\n');
  const own = lines.find((line) => line.startsWith(`${device} `))?.slice(device.length + 1);
  const value = v2
    ? own
        ?.split(' ')
        .find((part) => part.startsWith(`${key}=`))
        ?.slice(key.length + 1)
    : own;
  return value === undefined || value === 'max' || BigInt(value) >= V1_NO_RATE ? null : Number(value);
}

/** Each file that holds a weight, 1 to 10,000 in io.weight and to 1000 in BFQ's. None: no scheduler of this kernel has weights. */
export function ioWeights(cgroup: Cgroup): { file: string; weight: number }[] {
  const files = isV2(cgroup, 'io') ? ['io.weight', 'io.bfq.weight'] : ['blkio.bfq.weight'];
  const there = files.filter((file) => existsSync(cgroup.file('io', file) ?? ''));
  return there.map((file) => ({ file, weight: Number(/\d+/.exec(readFile(cgroup, 'io', file))?.[0]) }));
}

/** Frozen itself or by an ancestor, and all of it: not merely asked to be. */
export function isFrozenNow(cgroup: Cgroup): boolean {
  if (cgroup.layout.unified === null) return readFile(cgroup, 'freezer', 'freezer.state') === 'FROZEN';
  return requireValue(readUnified(cgroup, 'cgroup.events'), 'frozen') === 1n;
}

function bytesOrNone(text: string): number | null {
  return text === 'max' || BigInt(text) >= V1_UNLIMITED ? null : Number(text);
}

function requireValue(text: string, key: string): bigint {
  const value = valueOf(text, key);
  if (value === null) throw new Error(`there is no ${key} in: ${text}`);
  return value;
}
