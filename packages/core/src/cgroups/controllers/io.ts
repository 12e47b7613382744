import { readdirSync, readFileSync } from 'node:fs';
import type { LinuxResources } from '../../oci/config.ts';
import type { Cgroup } from '../cgroup.ts';
import type { Setting } from '../setting.ts';

/** More than any device reads: a rule that holds nothing back. */
const NO_LIMIT = '18446744073709551614';

/**
 * On v1 the blkio.throttle counters count only in a cgroup that has a throttle rule, so each gets one per disk that
 * limits nothing. v2's io.stat counts by itself.
 */
export function ioAccounting(cgroup: Cgroup, _resources: LinuxResources): Setting[] {
  const hierarchy = cgroup.hierarchy('io');
  if (hierarchy?.version !== 1) return [];
  return disks().map((device) => ({
    file: `${hierarchy.mount}/${cgroup.path}/blkio.throttle.read_bps_device`,
    value: `${device} ${NO_LIMIT}`,
    purpose: 'count io',
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
