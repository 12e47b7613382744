import type { ErrnoName } from '../abi/errno.ts';
import { or } from '../abi/flags.ts';
import { MOUNT_ATTR, MOUNT_ATTR_BYTES, MS } from '../abi/mount.ts';
import { AT } from '../abi/open.ts';
import { Words, type Argument, type Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';

export type AttributeName = keyof typeof MOUNT_ATTR;

export interface Attributes {
  set?: readonly AttributeName[];
  propagation?: 'MS_PRIVATE' | 'MS_SLAVE' | 'MS_SHARED';
  /** For MOUNT_ATTR_IDMAP: descriptor of the user namespace whose id maps hold. */
  userNamespace?: Argument;
  tolerate?: readonly ErrnoName[];
}

/** mount_setattr(2) on a mount that is held by a descriptor, and on all that lies below it. */
export function setAttributes(program: Program, purpose: string, mount: Result, attributes: Attributes): Result {
  const set = or(MOUNT_ATTR, ...(attributes.set ?? []));
  const propagation = attributes.propagation === undefined ? 0 : or(MS, attributes.propagation);
  const userNamespace = attributes.userNamespace ?? 0;
  const text = `{${set.text}, 0, ${typeof propagation === 'number' ? 0 : propagation.text}}`;
  const attr = new Words([set, 0, propagation, userNamespace], text);
  const args = [mount, '', or(AT, 'AT_EMPTY_PATH', 'AT_RECURSIVE'), attr, MOUNT_ATTR_BYTES];
  return program.call(purpose, 'mount_setattr', args, { tolerate: attributes.tolerate ?? [] });
}
