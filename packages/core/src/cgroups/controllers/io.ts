import { readdirSync, readFileSync } from 'node:fs';
import type { LinuxBlockIO, LinuxResources } from '../../oci/config.ts';
import type { Cgroup } from '../cgroup.ts';
import { kernelHas, MissingController, requireFile, type Setting } from '../setting.ts';

/** More than any device reads: a rule that holds nothing back. */
const NO_LIMIT = '18446744073709551614';
const WANTED = 'an io limit';
const REFUSED = { ENODEV: 'there is no such disk; a partition is limited by its disk', ENXIO: 'there is no such disk' };

/** What the standard calls each rate, its key in v2's io.max, and its file on v1. */
const RATES = [
  { property: 'throttleReadBpsDevice', key: 'rbps', file: 'blkio.throttle.read_bps_device' },
  { property: 'throttleWriteBpsDevice', key: 'wbps', file: 'blkio.throttle.write_bps_device' },
  { property: 'throttleReadIOPSDevice', key: 'riops', file: 'blkio.throttle.read_iops_device' },
  { property: 'throttleWriteIOPSDevice', key: 'wiops', file: 'blkio.throttle.write_iops_device' },
] as const satisfies { property: keyof LinuxBlockIO; key: string; file: string }[];

/** io.max on v2, one line a disk; a file a rate on v1. */
export function ioLimits(cgroup: Cgroup, { blockIO }: LinuxResources): Setting[] {
  if (blockIO === undefined) return [];
  return cgroup.hierarchy('io')?.version === 1 ? onV1(cgroup, blockIO) : onV2(cgroup, blockIO);
}

function onV2(cgroup: Cgroup, blockIO: LinuxBlockIO): Setting[] {
  const lines = new Map<string, string[]>();
  for (const { property, key } of RATES) {
    for (const { major, minor, rate } of blockIO[property] ?? []) {
      const device = `${major}:${minor}`;
      lines.set(device, [...(lines.get(device) ?? []), `${key}=${rate === 0 ? 'max' : rate}`]);
    }
  }
  return [...lines].map(([device, rates]) => ({
    file: requireFile(cgroup, 'io', 'io.max', WANTED),
    value: `${device} ${rates.join(' ')}`,
    purpose: 'set the io limit',
    device,
    unlimited: `${device} rbps=max wbps=max riops=max wiops=max`,
    agrees: (reads) => rates.every((rate) => (reads === '' ? rate.endsWith('=max') : reads.split(' ').includes(rate))),
    refused: REFUSED,
  }));
}

function onV1(cgroup: Cgroup, blockIO: LinuxBlockIO): Setting[] {
  return RATES.flatMap(({ property, file }) =>
    (blockIO[property] ?? []).map(({ major, minor, rate }) => {
      const device = `${major}:${minor}`;
      // The rule that makes the kernel count stays (ioAccounting).
      const none = property === 'throttleReadBpsDevice' ? NO_LIMIT : '0';
      return {
        file: requireFile(cgroup, 'io', file, WANTED),
        value: `${device} ${rate === 0 ? none : rate}`,
        purpose: 'set the io limit',
        device,
        unlimited: `${device} ${none}`,
        agrees: (reads: string) => (rate === 0 ? reads === '' || reads.endsWith(NO_LIMIT) : reads === `${device} ${rate}`),
        refused: REFUSED,
      };
    }),
  );
}

/**
 * io.weight (io.cost's) and BFQ's on v2: whichever schedules a disk goes by its own. BFQ's alone on v1; it ends at 1000.
 */
export function ioWeight(cgroup: Cgroup, { blockIO, unified }: LinuxResources): Setting[] {
  const fine = unified?.['io.weight'];
  const weight = fine !== undefined ? Number(fine) : blockIO?.weight === undefined ? undefined : fromBlkioWeight(blockIO.weight);
  if (weight === undefined) return [];
  const version = cgroup.hierarchy('io')?.version;
  const known = version === 1 ? ['blkio.bfq.weight'] : ['io.weight', 'io.bfq.weight'];
  const names = known.filter((file) => kernelHas(cgroup, 'io', file));
  if (names.length === 0) {
    throw new MissingController(
      'io',
      'an io weight',
      'with a scheduler that has weights: this kernel has neither BFQ loaded nor io.cost',
    );
  }
  return names.map((name) => {
    const value = String(name === 'io.weight' ? weight : toBlkioWeight(weight));
    return {
      file: requireFile(cgroup, 'io', name, 'an io weight'),
      value,
      purpose: 'set the io weight',
      agrees: (reads) => reads.split('\n')[0]?.replace(/^default /, '') === value,
    };
  });
}

/** A blkio weight (10 to 1000) as v2's (1 to 10000): linear, as runc and crun do it. */
export function fromBlkioWeight(weight: number): number {
  return Math.trunc(1 + ((weight - 10) * 9999) / 990);
}

/** The least blkio weight whose v2 weight is not below `weight`. */
export function toBlkioWeight(weight: number): number {
  return Math.ceil(10 + ((weight - 1) * 990) / 9999);
}

/**
 * On v1 the blkio.throttle counters count only in a cgroup that has a throttle rule, so each gets one per disk that
 * limits nothing. v2's io.stat counts by itself.
 */
export function ioAccounting(cgroup: Cgroup, { blockIO }: LinuxResources): Setting[] {
  const hierarchy = cgroup.hierarchy('io');
  if (hierarchy?.version !== 1) return [];
  const limited = new Set((blockIO?.throttleReadBpsDevice ?? []).map(({ major, minor }) => `${major}:${minor}`));
  return disks()
    .filter((device) => !limited.has(device))
    .map((device) => ({
      file: `${hierarchy.mount}/${cgroup.path}/blkio.throttle.read_bps_device`,
      value: `${device} ${NO_LIMIT}`,
      purpose: 'count io',
      device,
    }));
}

let known: string[] | undefined;

/** `major:minor` of every whole disk that has a medium and a driver of its own; loop, ram and zram devices have not. */
function disks(): string[] {
  known ??= readdirSync('/sys/block')
    .filter((name) => !/^(?:loop|ram|zram|nbd|sr|fd)\d+$/.test(name))
    .filter((name) => readFileSync(`/sys/block/${name}/size`, 'utf8').trim() !== '0')
    .map((name) => readFileSync(`/sys/block/${name}/dev`, 'utf8').trim());
  return known;
}
