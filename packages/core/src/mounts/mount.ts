import { or } from '../abi/flags.ts';
import { MOVE_MOUNT } from '../abi/mount.ts';
import { AT_FDCWD } from '../abi/open.ts';
import type { OciMount } from '../oci/config.ts';
import type { Result } from '../program/argument.ts';
import type { Program, StepOptions } from '../program/program.ts';
import { makeFileSystem } from './file-system.ts';
import { openMountPoint } from './mount-point.ts';
import { parseMountOptions } from './options.ts';

/**
 * Adds the steps that mount a new file system inside the rootfs, which is the working directory. The destination is
 * opened and the mount is moved onto that descriptor: no path is ever resolved against the host's root. `nowhere`: as openMountPoint has it.
 */
export function mountInside(program: Program, mount: OciMount, nowhere: string | null = null): Result {
  const { type, source, destination, options } = mount;
  const { attributes, parameters } = parseMountOptions(options);
  const purpose = `mount ${type} on ${destination}`;
  const made = makeFileSystem(program, purpose, type, [{ key: 'source', value: source }, ...parameters], attributes);
  attach(program, purpose, made, openMountPoint(program, mount, 'directory', nowhere));
  return made;
}

const BY_DESCRIPTOR = or(MOVE_MOUNT, 'MOVE_MOUNT_F_EMPTY_PATH', 'MOVE_MOUNT_T_EMPTY_PATH');
const TO_PATH = or(MOVE_MOUNT, 'MOVE_MOUNT_F_EMPTY_PATH');

/** Moves a mount that is attached nowhere onto what a descriptor stands for. */
export function attach(program: Program, purpose: string, mount: Result, target: Result, options: StepOptions = {}): void {
  program.call(purpose, 'move_mount', [mount, '', target, '', BY_DESCRIPTOR], options);
}

/** The same onto an entry of a directory that no process of a container has seen yet: it can be no link. */
export function attachBelow(program: Program, purpose: string, mount: Result, at: { directory: Result; name: string }): void {
  program.call(purpose, 'move_mount', [mount, '', at.directory, at.name, TO_PATH]);
}

/** The same onto a path of the host's. */
export function attachAt(program: Program, purpose: string, mount: Result, path: string): void {
  program.call(purpose, 'move_mount', [mount, '', AT_FDCWD, path, TO_PATH]);
}
