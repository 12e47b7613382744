import { or } from '../abi/flags.ts';
import { FSCONFIG, FSMOUNT_CLOEXEC, FSOPEN_CLOEXEC, MOUNT_ATTR } from '../abi/mount.ts';
import type { Argument, Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import type { AttributeName } from './attributes.ts';

const SET_STRING = { value: FSCONFIG.FSCONFIG_SET_STRING, text: 'FSCONFIG_SET_STRING' };
const SET_FLAG = { value: FSCONFIG.FSCONFIG_SET_FLAG, text: 'FSCONFIG_SET_FLAG' };
const SET_FD = { value: FSCONFIG.FSCONFIG_SET_FD, text: 'FSCONFIG_SET_FD' };
const CREATE = { value: FSCONFIG.FSCONFIG_CMD_CREATE, text: 'FSCONFIG_CMD_CREATE' };

/** For the file system itself: `mode=755`, a flag without a value, or a descriptor. */
export interface FileSystemParameter {
  key: string;
  value: string | null | { fd: Argument };
}

/** fsopen(2) to fsmount(2): a new file system, mounted nowhere yet. Its user namespace is that of who plays these steps. */
export function makeFileSystem(
  program: Program,
  purpose: string,
  type: string,
  parameters: readonly FileSystemParameter[],
  attributes: readonly AttributeName[],
): Result {
  const context = program.call(purpose, 'fsopen', [type, FSOPEN_CLOEXEC], { as: 'context' });
  for (const { key, value } of parameters) {
    if (typeof value === 'string') program.call(purpose, 'fsconfig', [context, SET_STRING, key, value, 0]);
    else if (value === null) program.call(purpose, 'fsconfig', [context, SET_FLAG, key, 0, 0]);
    else program.call(purpose, 'fsconfig', [context, SET_FD, key, 0, value.fd]);
  }
  program.call(purpose, 'fsconfig', [context, CREATE, 0, 0, 0]);
  return program.call(purpose, 'fsmount', [context, FSMOUNT_CLOEXEC, or(MOUNT_ATTR, ...attributes)], { as: 'mount' });
}
