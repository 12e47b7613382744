import type { LinuxResources } from '../../oci/config.ts';
import type { Cgroup } from '../cgroup.ts';
import { MissingController, type Setting } from '../setting.ts';

export const DEFAULT_PERIOD_US = 100_000;

/** cpu.max and cpu.weight on v2; cpu.cfs_quota_us, cpu.cfs_period_us and cpu.shares on v1. */
export function cpuLimits(cgroup: Cgroup, { cpu }: LinuxResources): Setting[] {
  if (cpu === undefined || (cpu.quota === undefined && cpu.shares === undefined)) return [];
  const hierarchy = cgroup.hierarchy('cpu');
  if (hierarchy === undefined) throw new MissingController('cpu', 'a cpu limit or weight');
  const file = (name: string) => `${hierarchy.mount}/${cgroup.path}/${name}`;
  const { quota, shares, period = DEFAULT_PERIOD_US } = cpu;
  const settings: Setting[] = [];
  if (quota !== undefined && hierarchy.version === 2) {
    settings.push({ file: file('cpu.max'), value: `${quota < 0 ? 'max' : quota} ${period}`, purpose: 'set the cpu limit' });
  }
  if (quota !== undefined && hierarchy.version === 1) {
    // A new cgroup has the default.
    if (period !== DEFAULT_PERIOD_US) {
      settings.push({ file: file('cpu.cfs_period_us'), value: String(period), purpose: 'set the cpu period' });
    }
    settings.push({ file: file('cpu.cfs_quota_us'), value: String(quota), purpose: 'set the cpu limit' });
  }
  if (shares !== undefined && hierarchy.version === 2) {
    settings.push({ file: file('cpu.weight'), value: String(sharesToWeight(shares)), purpose: 'set the cpu weight' });
  }
  if (shares !== undefined && hierarchy.version === 1) {
    settings.push({ file: file('cpu.shares'), value: String(shares), purpose: 'set the cpu weight' });
  }
  return settings;
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

/** The least shares whose weight is `weight`: sharesToWeight(weightToShares(w)) === w wherever shares are fine enough to tell. */
export function weightToShares(weight: number): number {
  let low = 2;
  let high = 262_144;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (sharesToWeight(middle) >= weight) high = middle;
    else low = middle + 1;
  }
  return low;
}
