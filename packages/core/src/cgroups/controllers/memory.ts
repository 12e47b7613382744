import { readFileSync } from 'node:fs';
import type { LinuxResources } from '../../oci/config.ts';
import type { Cgroup } from '../cgroup.ts';
import { flatValue } from '../events.ts';
import { kernelHas, MissingController, requireFile, type Moment, type Setting } from '../setting.ts';

const WANTED = 'a memory limit';
/** The page counter's largest value in bytes, which v1 reads for 'no limit': above any memory there is. */
const ENDLESS = 2 ** 62;
const LARGEST_PAGE = 65_536;
const IN_USE = 'more than that is in use and cannot be reclaimed: stop something, or give more';

/** memory.max, memory.high and memory.swap.max on v2; limit_in_bytes, soft_limit_in_bytes and memsw on v1. Page cache counts in all. */
export function memoryLimits(cgroup: Cgroup, { memory }: LinuxResources, moment: Moment): Setting[] {
  if (memory === undefined) return [];
  return cgroup.hierarchy('memory')?.version === 1 ? onV1(cgroup, memory, moment) : onV2(cgroup, memory, moment);
}

type Memory = NonNullable<LinuxResources['memory']>;

function onV2(cgroup: Cgroup, { limit, reservation, swap }: Memory, moment: Moment): Setting[] {
  const settings: Setting[] = [];
  const set = (name: string, bytes: number, purpose: string) =>
    settings.push({
      file: requireFile(cgroup, 'memory', name, WANTED),
      value: bytes < 0 ? 'max' : String(bytes),
      purpose,
      agrees: (reads) => agrees(bytes, reads),
    });
  if (limit !== undefined) {
    set('memory.max', limit, 'set the memory limit');
    // The kernel would take it, and kill until it holds.
    if (moment === 'living' && limit >= 0 && unreclaimable(cgroup) > limit) throw new LimitInUse(limit);
  }
  if (reservation !== undefined) set('memory.high', reservation, 'set the soft memory limit');
  if (swap !== undefined) set('memory.swap.max', swapBeyond(limit, swap), 'set the swap limit');
  return settings;
}

function onV1(cgroup: Cgroup, { limit, reservation, swap }: Memory, moment: Moment): Setting[] {
  const setting = (name: string, bytes: number, purpose: string): Setting => ({
    file: requireFile(cgroup, 'memory', name, WANTED),
    value: String(bytes),
    purpose,
    agrees: (reads) => agrees(bytes, reads),
    refused: { EBUSY: IN_USE },
  });
  const settings: Setting[] = [];
  if (limit !== undefined) settings.push(setting('memory.limit_in_bytes', limit, 'set the memory limit'));
  if (swap !== undefined) {
    if (!hasSwapAccounting(cgroup)) throw new MissingController('memory', 'a swap limit', 'with swap accounting (swapaccount=1)');
    const memsw = setting('memory.memsw.limit_in_bytes', swap, 'set the swap limit');
    // At no moment may memory be allowed more than memory and swap together.
    const raises = moment === 'living' && endless(swap) > endless(Number(read(memsw.file)));
    settings.splice(raises ? 0 : settings.length, 0, memsw);
  }
  if (reservation !== undefined) {
    settings.push(setting('memory.soft_limit_in_bytes', reservation, 'set the soft memory limit'));
  }
  return settings;
}

/** The standard's swap is memory and swap together; v2's is swap alone. */
export function swapBeyond(limit: number | undefined, both: number): number {
  if (both < 0) return -1;
  if (limit === undefined || limit < 0) throw new RangeError('a swap limit needs a memory limit');
  if (both < limit) throw new RangeError('memory and swap together are less than memory alone');
  return both - limit;
}

/** Limits are kept in whole pages. */
function agrees(bytes: number, reads: string): boolean {
  if (bytes < 0) return reads === 'max' || Number(reads) >= ENDLESS;
  return Math.abs(Number(reads) - bytes) < LARGEST_PAGE;
}

function endless(bytes: number): number {
  return bytes < 0 ? Number.POSITIVE_INFINITY : bytes;
}

/** Thrown where a smaller limit would make the kernel kill. */
export class LimitInUse extends Error {
  override readonly name = 'LimitInUse';
  constructor(limit: number) {
    super(`the memory limit cannot be ${limit} bytes: ${IN_USE}`);
  }
}

/** Bytes in use that are no page cache: what a smaller limit cannot push out without swap. */
function unreclaimable(cgroup: Cgroup): number {
  const stat = read(cgroup.file('memory', 'memory.stat') ?? '');
  const cache = Number(flatValue(stat, 'active_file') ?? 0) + Number(flatValue(stat, 'inactive_file') ?? 0);
  return Number(read(cgroup.file('memory', 'memory.current') ?? '')) - cache;
}

function hasSwapAccounting(cgroup: Cgroup): boolean {
  return kernelHas(cgroup, 'memory', 'memory.memsw.limit_in_bytes');
}

function read(path: string): string {
  return readFileSync(path, 'latin1').trim();
}
