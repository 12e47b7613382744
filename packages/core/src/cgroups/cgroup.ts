import type { CgroupLayout, Controller, Hierarchy } from './layout.ts';

/**
 * One cgroup: the same path below the mount point of every hierarchy that this host has. A value, not a handle: it need
 * not exist.
 */
export class Cgroup {
  readonly layout: CgroupLayout;
  /** `plimsoll/acme/0123456789abcdef`: no leading slash, no empty, `.` or `..` part. */
  readonly path: string;

  constructor(layout: CgroupLayout, path: string) {
    if (!/^[^/\0]+(?:\/[^/\0]+)*$/.test(path) || path.split('/').some((part) => part === '.' || part === '..')) {
      throw new RangeError(`not a cgroup path: ${JSON.stringify(path)}`);
    }
    this.layout = layout;
    this.path = path;
  }

  hierarchy(controller: Controller): Hierarchy | undefined {
    return this.layout.controllers.get(controller);
  }

  /** `file` in this cgroup's directory of that controller's hierarchy, or null where the host has no such controller. */
  file(controller: Controller, file: string): string | null {
    const hierarchy = this.hierarchy(controller);
    return hierarchy === undefined ? null : `${hierarchy.mount}/${this.path}/${file}`;
  }

  /** `file` in its directory of the v2 tree, or null on pure v1. */
  unifiedFile(file: string): string | null {
    return this.layout.unified === null ? null : `${this.layout.unified}/${this.path}/${file}`;
  }

  /** The v1 mount points, each once (cpu and cpuacct are often mounted together). */
  get v1Mounts(): string[] {
    const mounts = [...this.layout.controllers.values()].filter(({ version }) => version === 1).map(({ mount }) => mount);
    return [...new Set(mounts)];
  }

  /** Every mount point it has a directory below; the v2 tree last. */
  get mounts(): string[] {
    return this.layout.unified === null ? this.v1Mounts : [...this.v1Mounts, this.layout.unified];
  }

  /** Null for the outermost: the root of a hierarchy has none of the files that limit. */
  get parent(): Cgroup | null {
    const end = this.path.lastIndexOf('/');
    return end < 0 ? null : new Cgroup(this.layout, this.path.slice(0, end));
  }

  /** Its ancestors' paths from the outermost, and its own last. */
  get lineage(): string[] {
    const parts = this.path.split('/');
    return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
  }
}

/** What containers need of the hierarchies: v1's freezer has v2's as its better. */
export function usedLayout(layout: CgroupLayout): CgroupLayout {
  const controllers = new Map([...layout.controllers].filter(([name]) => name !== 'freezer' || layout.unified === null));
  return { ...layout, controllers };
}
