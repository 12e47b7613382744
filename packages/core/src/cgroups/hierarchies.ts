import { statSync } from 'node:fs';
import type { CgroupLayout } from './layout.ts';

/** One hierarchy of the host, under the name by which people know it: `v2`, or a v1 hierarchy's controllers, `cpu,cpuacct`. */
export interface NamedHierarchy {
  name: string;
  mount: string;
}

/** Every hierarchy of this layout, the v2 tree first. */
export function hierarchiesOf({ unified, controllers }: CgroupLayout): NamedHierarchy[] {
  const byMount = new Map<string, string[]>();
  for (const [controller, { version, mount }] of controllers) {
    if (version === 2) continue;
    byMount.set(mount, [...(byMount.get(mount) ?? []), controller === 'io' ? 'blkio' : controller]);
  }
  const v1 = Array.from(byMount, ([mount, names]) => ({ name: names.join(), mount }));
  return unified === null ? v1 : [{ name: 'v2', mount: unified }, ...v1];
}

/** The same layout without the hierarchies in which there is no cgroup of that path: others than ours need not be in all. */
export function layoutHolding(layout: CgroupLayout, path: string): CgroupLayout {
  const held = new Set(hierarchiesOf(layout).flatMap(({ mount }) => (isCgroup(`${mount}/${path}`) ? [mount] : [])));
  const unified = layout.unified !== null && held.has(layout.unified) ? layout.unified : null;
  const controllers = new Map([...layout.controllers].filter(([, { mount }]) => held.has(mount)));
  const kind = layout.kind === 'hybrid' && unified === null ? 'v1' : layout.kind;
  return { kind, unified, controllers };
}

/** A directory and not one of the files that stand beside the cgroups in their parent. */
export function isCgroup(directory: string): boolean {
  return statSync(directory, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
