import type { LinuxDeviceRule, LinuxResources } from '../../oci/config.ts';
import type { Cgroup } from '../cgroup.ts';
import type { Setting } from '../setting.ts';

/** Stands for the rules that the cgroup has from its parent already. */
export const INHERITED_DEVICES: LinuxDeviceRule[] = [];

/**
 * devices.deny and devices.allow on v1, one rule a write, in the given order. On v2 the same is an eBPF program, which is
 * not here yet; there a container is held by having no CAP_MKNOD and no device node but its own /dev.
 */
export function deviceRules(cgroup: Cgroup, { devices = [] }: LinuxResources): Setting[] {
  const hierarchy = cgroup.hierarchy('devices');
  if (hierarchy?.version !== 1) return [];
  if (devices === INHERITED_DEVICES) return [];
  return devices.map((rule) => ({
    file: `${hierarchy.mount}/${cgroup.path}/devices.${rule.allow ? 'allow' : 'deny'}`,
    value: ruleText(rule),
    purpose: rule.allow ? 'allow a device' : 'deny devices',
  }));
}

/** `c 1:3 rwm`; `a` alone stands for every device (Documentation/admin-guide/cgroup-v1/devices.rst). */
function ruleText({ type = 'a', major, minor, access = 'rwm' }: LinuxDeviceRule): string {
  return type === 'a' ? 'a' : `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`;
}
