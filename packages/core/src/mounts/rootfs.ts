import { or } from '../abi/flags.ts';
import { MNT, MS } from '../abi/mount.ts';
import type { Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import { attachAt } from './mount.ts';

/** An overlay: read-only layers, topmost first, and the container's own writable one. All absolute paths on the host. */
export interface Rootfs {
  layers: readonly string[];
  /** Both belong to the container's root: of a user namespace's range, its first id. */
  upper: string;
  work: string;
  /** Where it is mounted, in the container's mount namespace alone. */
  mountPoint: string;
}

/** Nothing that is mounted from here on may reach the host, while the host's own changes still arrive until pivot_root. */
export function stopPropagation(program: Program): void {
  program.call('keep mounts from the host', 'mount', [0, '/', 0, or(MS, 'MS_REC', 'MS_SLAVE'), 0]);
}

/** Mounts the overlay, or puts one that was made before (id-mapped-overlay.ts) in its place, and goes there. */
export function enterRootfs(program: Program, rootfs: Rootfs, made: Result | null): void {
  const { layers, upper, work, mountPoint } = rootfs;
  const purpose = 'mount the rootfs';
  if (made === null) {
    const data = `lowerdir=${layers.map(escapeLayer).join(':')},upperdir=${escapeOption(upper)},workdir=${escapeOption(work)}`;
    program.call(purpose, 'mount', ['overlay', mountPoint, 'overlay', 0, data]);
  } else {
    attachAt(program, purpose, made, mountPoint);
  }
  program.call('enter the rootfs', 'chdir', [mountPoint]);
}

/**
 * pivot_root(2), "pivot_root(".", ".")": the old root lands on top of the new one and is detached, so that no path and no
 * descriptor leads back to it.
 */
export function pivotRoot(program: Program): void {
  program.call('make the rootfs the root', 'pivot_root', ['.', '.']);
  program.call("let go of the host's root", 'umount2', ['.', or(MNT, 'MNT_DETACH')]);
  program.call('stand in the new root', 'chdir', ['/']);
}

/** After the mount points were made in it. What is mounted below stays as it is. */
export function makeRootReadonly(program: Program): void {
  program.call('make the rootfs read-only', 'mount', [0, '/', 0, or(MS, 'MS_BIND', 'MS_REMOUNT', 'MS_RDONLY'), 0]);
}

/** overlay divides its options by commas and its layers by colons, and takes a backslash before either. */
export function escapeOption(path: string): string {
  return path.replace(/[\\,]/g, '\\$&');
}

function escapeLayer(path: string): string {
  return path.replace(/[\\,:]/g, '\\$&');
}
