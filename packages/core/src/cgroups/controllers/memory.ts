import type { LinuxResources } from '../../oci/config.ts';
import type { Cgroup } from '../cgroup.ts';
import { MissingController, type Setting } from '../setting.ts';

/** memory.max on v2, memory.limit_in_bytes on v1: page cache counts in both. */
export function memoryLimits(cgroup: Cgroup, { memory }: LinuxResources): Setting[] {
  if (memory?.limit === undefined) return [];
  const hierarchy = cgroup.hierarchy('memory');
  if (hierarchy === undefined) throw new MissingController('memory', 'a memory limit');
  const name = hierarchy.version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
  const value = memory.limit < 0 && hierarchy.version === 2 ? 'max' : String(memory.limit);
  return [{ file: `${hierarchy.mount}/${cgroup.path}/${name}`, value, purpose: 'set the memory limit' }];
}
