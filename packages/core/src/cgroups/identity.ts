import { statSync } from 'node:fs';
import type { Cgroup } from './cgroup.ts';

/**
 * Tells a cgroup from any other that had, or will have, the same path in this boot: its kernfs id, which is the directory's
 * inode number in the hierarchy that counts cpu time. Null: it is not there.
 */
export function cgroupIdentity({ layout, path }: Cgroup): string | null {
  const mount = layout.controllers.get('cpuacct')?.mount ?? layout.unified;
  const stats = mount === null ? undefined : statSync(`${mount}/${path}`, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : String(stats.ino);
}
