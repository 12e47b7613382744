import { mode, or } from '../abi/flags.ts';
import { FSCONFIG, FSMOUNT_CLOEXEC, FSOPEN_CLOEXEC, MOUNT_ATTR, MOVE_MOUNT } from '../abi/mount.ts';
import { AT_FDCWD, O, OPEN_HOW_BYTES, RESOLVE } from '../abi/open.ts';
import type { OciMount } from '../oci/config.ts';
import { Words, type Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import { parseMountOptions } from './options.ts';

const SET_STRING = { value: FSCONFIG.FSCONFIG_SET_STRING, text: 'FSCONFIG_SET_STRING' };
const SET_FLAG = { value: FSCONFIG.FSCONFIG_SET_FLAG, text: 'FSCONFIG_SET_FLAG' };
const CREATE = { value: FSCONFIG.FSCONFIG_CMD_CREATE, text: 'FSCONFIG_CMD_CREATE' };

/**
 * Adds the steps that mount a new file system inside the rootfs, which is the working directory. The destination is
 * opened component by component below it and the mount is moved onto that descriptor: no path is ever resolved against
 * the host's root. A symbolic link on the way is refused, since an image could lay one to have /proc or /dev somewhere
 * else than everything after believes (CVE-2019-16884, CVE-2023-27561).
 */
export function mountInside(program: Program, { type, source, destination, options }: OciMount): void {
  const { attributes, parameters } = parseMountOptions(options);
  const purpose = `mount ${type} on ${destination}`;
  const context = program.call(purpose, 'fsopen', [type, FSOPEN_CLOEXEC], { as: 'context' });
  program.call(purpose, 'fsconfig', [context, SET_STRING, 'source', source, 0]);
  for (const { key, value } of parameters) {
    program.call(purpose, 'fsconfig', [context, value === null ? SET_FLAG : SET_STRING, key, value ?? 0, 0]);
  }
  program.call(purpose, 'fsconfig', [context, CREATE, 0, 0, 0]);
  const mount = program.call(purpose, 'fsmount', [context, FSMOUNT_CLOEXEC, or(MOUNT_ATTR, ...attributes)], { as: 'mount' });
  const target = openMountPoint(program, destination);
  program.call(purpose, 'move_mount', [
    mount,
    '',
    target,
    '',
    or(MOVE_MOUNT, 'MOVE_MOUNT_F_EMPTY_PATH', 'MOVE_MOUNT_T_EMPTY_PATH'),
  ]);
}

/** Makes what is missing of a directory path below the working directory, and opens it. */
function openMountPoint(program: Program, destination: string): Result {
  const parts = destination.split('/').filter(Boolean);
  let parent: Result | typeof AT_FDCWD = AT_FDCWD;
  for (const [i, part] of parts.entries()) {
    const path = `/${parts.slice(0, i + 1).join('/')}`;
    program.call(`make mount point ${path}`, 'mkdirat', [parent, part, mode(0o755)], { tolerate: ['EEXIST', 'EROFS'] });
    parent = program.call(`open mount point ${path}`, 'openat2', [parent, part, HOW, OPEN_HOW_BYTES], {
      as: JSON.stringify(path),
    });
  }
  if (parent === AT_FDCWD) throw new RangeError('a mount over the root of the container is its rootfs');
  return parent as Result;
}

const HOW = new Words(
  [or(O, 'O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'), 0, or(RESOLVE, 'RESOLVE_BENEATH', 'RESOLVE_NO_SYMLINKS')],
  '{O_PATH|O_DIRECTORY|O_CLOEXEC, 0, RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS}',
);
