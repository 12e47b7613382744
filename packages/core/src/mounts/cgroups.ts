import { mode } from '../abi/flags.ts';
import type { Cgroup } from '../cgroups/cgroup.ts';
import { hierarchiesOf } from '../cgroups/hierarchies.ts';
import type { OciMount } from '../oci/config.ts';
import type { Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import { setAttributes } from './attributes.ts';
import { makeFileSystem } from './file-system.ts';
import { attach, attachBelow } from './mount.ts';
import { openKernelDirectory, openMountPoint } from './mount-point.ts';
import { parseMountOptions } from './options.ts';
import { copyMount } from './tree.ts';

/** A container's own cgroup in each hierarchy, taken hold of while the host's paths are there. */
export interface PreparedCgroups {
  mount: OciMount;
  /** By the names of the directories that systemd and runc mount the hierarchies on. */
  trees: ReadonlyMap<string, Result>;
  /** The v2 tree has all controllers, and is mounted alone. */
  isUnified: boolean;
}

/**
 * Played by the host's root. Binds of the container's directories, not mounts of the hierarchies in its cgroup namespace: each such mount
 * makes a superblock, under the lock that all cgroups of the host share (cgroup1_get_tree), 30 to 100 µs where a bind takes 7. A bind
 * shows the same: its root in /proc/self/mountinfo is relative to the reader's cgroup namespace (cgroup_show_path), so "/". Nothing above
 * the bind's root is reached by "..", and a cgroup that is bound can be removed.
 */
export function prepareCgroups(program: Program, mount: OciMount, { layout, path }: Cgroup): PreparedCgroups {
  const trees = hierarchiesOf(layout).map(({ name, mount: hierarchy }) => {
    const tree = copyMount(program, `take hold of the cgroup in ${hierarchy}`, `${hierarchy}/${path}`);
    return [name === 'v2' ? 'unified' : name, tree] as const;
  });
  return { mount, trees: new Map(trees), isUnified: layout.kind === 'v2' };
}

/**
 * Puts them in their places inside the rootfs, which is the working directory. One recursive mount_setattr(2) at the end makes all
 * read-only, and takes them out of the host's peer groups, before any process of the container runs.
 */
export function attachCgroups(program: Program, { mount, trees, isUnified }: PreparedCgroups, isInSysfs: boolean): void {
  const { destination, options } = mount;
  const purpose = `mount the cgroup on ${destination}`;
  const target = isInSysfs ? openKernelDirectory(program, destination) : openMountPoint(program, mount, 'directory');
  const [unified] = trees.values();
  const top = isUnified && unified !== undefined ? unified : makeDirectories(program, purpose, [...trees.keys()]);
  attach(program, purpose, top, target);
  if (!isUnified) for (const [name, tree] of trees) attachBelow(program, purpose, tree, { directory: top, name });
  setAttributes(program, purpose, top, { set: parseMountOptions(options).attributes, propagation: 'MS_PRIVATE' });
}

/** A tmpfs with room for these directories and the links to them alone. Its user namespace is the container's. */
function makeDirectories(program: Program, purpose: string, names: readonly string[]): Result {
  // As on the host: cpu and cpuacct, which are often mounted together on cpu,cpuacct, are found under each name.
  const links = names.flatMap((name) => (name.includes(',') ? name.split(',').map((link) => ({ link, name })) : []));
  const parameters = { source: 'tmpfs', mode: '755', size: '4k', nr_inodes: String(1 + names.length + links.length) };
  const all = Object.entries(parameters).map(([key, value]) => ({ key, value }));
  const top = makeFileSystem(program, purpose, 'tmpfs', all, []);
  for (const name of names) program.call(purpose, 'mkdirat', [top, name, mode(0o755)]);
  for (const { link, name } of links) program.call(purpose, 'symlinkat', [name, top, link]);
  return top;
}
