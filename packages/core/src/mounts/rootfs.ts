import { or } from '../abi/flags.ts';
import { MNT, MS } from '../abi/mount.ts';
import type { Program } from '../program/program.ts';

/** An overlay: read-only layers, topmost first, and the container's own writable one. All absolute paths on the host. */
export interface Rootfs {
  layers: readonly string[];
  upper: string;
  work: string;
  /** Where it is mounted, in the container's mount namespace alone. */
  mountPoint: string;
  readonly: boolean;
}

/** Nothing that is mounted from here on may reach the host, while the host's own changes still arrive until pivot_root. */
export function stopPropagation(program: Program): void {
  program.call('keep mounts from the host', 'mount', [0, '/', 0, or(MS, 'MS_REC', 'MS_SLAVE'), 0]);
}

export function mountRootfs(program: Program, { layers, upper, work, mountPoint, readonly }: Rootfs): void {
  const data = `lowerdir=${layers.map(escapeLayer).join(':')},upperdir=${escapeOption(upper)},workdir=${escapeOption(work)}`;
  program.call('mount the rootfs', 'mount', [
    'overlay',
    mountPoint,
    'overlay',
    or(MS, ...(readonly ? (['MS_RDONLY'] as const) : [])),
    data,
  ]);
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

/** overlay divides its options by commas and its layers by colons, and takes a backslash before either. */
function escapeOption(path: string): string {
  return path.replace(/[\\,]/g, '\\$&');
}

function escapeLayer(path: string): string {
  return path.replace(/[\\,:]/g, '\\$&');
}
