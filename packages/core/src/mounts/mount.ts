import { or } from '../abi/flags.ts';
import { MOVE_MOUNT } from '../abi/mount.ts';
import type { OciMount } from '../oci/config.ts';
import type { Argument, Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import { makeFileSystem } from './file-system.ts';
import { openMountPoint } from './mount-point.ts';
import { parseMountOptions } from './options.ts';

/**
 * Adds the steps that mount a new file system inside the rootfs, which is the working directory. The destination is
 * opened and the mount is moved onto that descriptor: no path is ever resolved against the host's root.
 */
export function mountInside(program: Program, mount: OciMount): Result {
  const { type, source, destination, options } = mount;
  const { attributes, parameters } = parseMountOptions(options);
  const purpose = `mount ${type} on ${destination}`;
  const made = makeFileSystem(program, purpose, type, [{ key: 'source', value: source }, ...parameters], attributes);
  attach(program, purpose, made, openMountPoint(program, mount, 'directory'));
  return made;
}

/** Moves a mount that is attached nowhere onto what a descriptor, or a path, stands for. */
export function attach(program: Program, purpose: string, mount: Result, target: Result): void {
  moveMount(program, purpose, mount, target, '', or(MOVE_MOUNT, 'MOVE_MOUNT_F_EMPTY_PATH', 'MOVE_MOUNT_T_EMPTY_PATH'));
}

export function attachAt(program: Program, purpose: string, mount: Result, directory: Argument, path: string): void {
  moveMount(program, purpose, mount, directory, path, or(MOVE_MOUNT, 'MOVE_MOUNT_F_EMPTY_PATH'));
}

function moveMount(program: Program, purpose: string, mount: Result, directory: Argument, path: string, flags: Argument): void {
  program.call(purpose, 'move_mount', [mount, '', directory, path, flags]);
}
