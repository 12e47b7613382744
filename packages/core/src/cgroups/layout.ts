import { readFileSync } from 'node:fs';

const CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids', 'io', 'devices', 'freezer'] as const;
/** `io` is v2's name for what v1 calls blkio. cpuacct, devices and freezer are v1's alone: v2 has them built in. */
export type Controller = (typeof CONTROLLERS)[number];

export interface Hierarchy {
  version: 1 | 2;
  /** Mount point, in which this process's view of the root is the whole hierarchy's. */
  mount: string;
}

/**
 * How this host lays its cgroups out. `v2`: everything in one tree. `hybrid`: controllers on v1 hierarchies, and a v2
 * tree beside them that freezes, kills and tells pressure. `v1`: no v2 tree at all.
 */
export interface CgroupLayout {
  kind: 'v2' | 'hybrid' | 'v1';
  /** Mount point of the v2 tree. */
  unified: string | null;
  controllers: ReadonlyMap<Controller, Hierarchy>;
}

/** Read from /proc/self/mountinfo and the v2 root's cgroup.controllers; nothing is guessed from paths. */
export function discoverCgroupLayout(): CgroupLayout {
  const mountinfo = readFileSync('/proc/self/mountinfo', 'utf8');
  const unified = cgroupMounts(mountinfo).find(({ type }) => type === 'cgroup2');
  return layoutFrom(mountinfo, unified === undefined ? '' : readFileSync(`${unified.mount}/cgroup.controllers`, 'utf8'));
}

/** The pure part. `unifiedControllers` is the text of the v2 root's cgroup.controllers. */
export function layoutFrom(mountinfo: string, unifiedControllers: string): CgroupLayout {
  const controllers = new Map<Controller, Hierarchy>();
  let unified: string | null = null;
  for (const { type, mount, options } of cgroupMounts(mountinfo)) {
    if (type === 'cgroup2') unified ??= mount;
    for (const name of type === 'cgroup' ? options : []) {
      const controller = fromV1Name(name);
      if (controller !== undefined && !controllers.has(controller)) controllers.set(controller, { version: 1, mount });
    }
  }
  const onV1 = controllers.size > 0;
  if (unified !== null) {
    for (const name of unifiedControllers.trim().split(/\s+/)) {
      const controller = CONTROLLERS.find((known) => known === name);
      if (controller !== undefined && !controllers.has(controller)) controllers.set(controller, { version: 2, mount: unified });
    }
  }
  return { kind: onV1 ? (unified === null ? 'v1' : 'hybrid') : 'v2', unified, controllers };
}

function fromV1Name(name: string): Controller | undefined {
  return name === 'blkio' ? 'io' : CONTROLLERS.find((controller) => controller === name && controller !== 'io');
}

interface CgroupMount {
  type: string;
  mount: string;
  options: string[];
}

/** proc_pid_mountinfo(5): id parent major:minor root mount options [tags…] - type source superblock-options. */
function cgroupMounts(mountinfo: string): CgroupMount[] {
  const mounts: CgroupMount[] = [];
  for (const line of mountinfo.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root, mount] = left.split(' ');
    const [type, , options] = right.split(' ');
    if (mount === undefined || type === undefined || root !== '/' || !/^cgroup2?$/.test(type)) continue;
    const unescaped = mount.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    mounts.push({ type, mount: unescaped, options: options?.split(',') ?? [] });
  }
  return mounts;
}
