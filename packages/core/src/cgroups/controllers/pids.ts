import type { LinuxResources } from '../../oci/config.ts';
import type { Cgroup } from '../cgroup.ts';
import { requireFile, type Setting } from '../setting.ts';

/** pids.max, alike on both versions. */
export function pidsLimit(cgroup: Cgroup, { pids }: LinuxResources): Setting[] {
  if (pids === undefined) return [];
  const file = requireFile(cgroup, 'pids', 'pids.max', 'a process limit');
  return [{ file, value: pids.limit < 0 ? 'max' : String(pids.limit), purpose: 'set the process limit' }];
}
