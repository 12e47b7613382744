import type { LinuxResources } from '../../oci/config.ts';
import type { Cgroup } from '../cgroup.ts';
import { requireFile, type Setting } from '../setting.ts';

export const DEFAULT_PERIOD_US = 100_000;
/** v1 alone: a child may not have more than its parent, and a parent not less than any child (tg_cfs_schedulable_down). */
const HIERARCHY =
  'on cgroup v1 a container or group cannot have a greater cpu limit than the group that it is in: change the other one first';

/** cpu.max and cpu.weight on v2; cpu.cfs_quota_us, cpu.cfs_period_us and cpu.shares on v1. */
export function cpuLimits(cgroup: Cgroup, { cpu }: LinuxResources): Setting[] {
  if (cpu === undefined) return [];
  const { quota, shares, period = DEFAULT_PERIOD_US } = cpu;
  return [...(quota === undefined ? [] : limit(cgroup, quota, period)), ...(shares === undefined ? [] : weight(cgroup, shares))];
}

function limit(cgroup: Cgroup, quota: number, period: number): Setting[] {
  const wanted = 'a cpu limit';
  const purpose = 'set the cpu limit';
  if (cgroup.hierarchy('cpu')?.version !== 1) {
    return [{ file: requireFile(cgroup, 'cpu', 'cpu.max', wanted), value: `${quota < 0 ? 'max' : quota} ${period}`, purpose }];
  }
  const file = requireFile(cgroup, 'cpu', 'cpu.cfs_quota_us', wanted);
  return [
    // A new cgroup has the default.
    ...(period === DEFAULT_PERIOD_US
      ? []
      : [
          {
            file: requireFile(cgroup, 'cpu', 'cpu.cfs_period_us', wanted),
            value: String(period),
            purpose: 'set the cpu period',
            refused: { EINVAL: HIERARCHY },
          },
        ]),
    { file, value: String(quota), purpose, refused: { EINVAL: HIERARCHY } },
  ];
}

function weight(cgroup: Cgroup, shares: number): Setting[] {
  const wanted = 'a cpu weight';
  const purpose = 'set the cpu weight';
  return cgroup.hierarchy('cpu')?.version === 1
    ? [{ file: requireFile(cgroup, 'cpu', 'cpu.shares', wanted), value: String(shares), purpose }]
    : [{ file: requireFile(cgroup, 'cpu', 'cpu.weight', wanted), value: String(sharesToWeight(shares)), purpose }];
}

/**
 * v1 shares (2..262144, 1024 by default) as a v2 weight (1..10000, 100 by default). Quadratic in log2, so that both ends
 * and both defaults meet; the same formula as runc 1.3.2 and crun 1.23.
 */
export function sharesToWeight(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const l = Math.log2(shares);
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34));
}

const DEFAULT_SHARES = 1024;

/** The default's shares for the default; else the least shares whose weight is `weight`: sharesToWeight(weightToShares(w)) === w wherever shares are fine enough to tell. */
export function weightToShares(weight: number): number {
  if (weight === sharesToWeight(DEFAULT_SHARES)) return DEFAULT_SHARES;
  let low = 2;
  let high = 262_144;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (sharesToWeight(middle) >= weight) high = middle;
    else low = middle + 1;
  }
  return low;
}
