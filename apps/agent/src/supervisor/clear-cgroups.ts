import { Cgroup, killCgroup, tryRemoveCgroup } from '@plimsoll/core';
import { existsSync, readdirSync } from 'node:fs';
import type { Host } from './identity.ts';

/** Kills and removes every cgroup below the root, and the root, but those that are kept. */
export async function clearCgroups({ kernel, layout }: Host, root: string, kept: ReadonlySet<string>): Promise<void> {
  for (const path of cgroupsBelow(layout, root).toReversed()) {
    if (kept.has(path)) continue;
    const cgroup = new Cgroup(layout, path);
    await killCgroup(kernel.loop, cgroup).catch(() => {});
    tryRemoveCgroup(cgroup);
  }
}

/** The root and every cgroup below it in any hierarchy, parents before children. */
export function cgroupsBelow(layout: Host['layout'], root: string): string[] {
  const paths = new Set<string>();
  for (const mount of new Cgroup(layout, root).mounts) {
    if (!existsSync(`${mount}/${root}`)) continue;
    paths.add(root);
    for (const entry of readdirSync(`${mount}/${root}`, { withFileTypes: true, recursive: true })) {
      if (entry.isDirectory()) paths.add(`${entry.parentPath.slice(mount.length + 1)}/${entry.name}`);
    }
  }
  return [...paths].toSorted();
}
