import { CLONE } from '../abi/clone.ts';
import { or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import type { NamespaceType, OciNamespace } from '../oci/config.ts';
import { call } from '../program/call.ts';
import type { Program } from '../program/program.ts';
import { NAMESPACES } from './types.ts';

/** Descriptors of namespaces to join, of the process that plays the start. */
export type JoinedNamespaces = ReadonlyMap<NamespaceType, number>;

/** Opens the namespaces that a config names by path. Throws a SyscallError; the caller closes what is in `opened` either way. */
export function openNamespaces(namespaces: readonly OciNamespace[], opened: Map<NamespaceType, number>): void {
  for (const { type, path } of namespaces) {
    if (path === undefined) continue;
    opened.set(type, call(`open the ${type} namespace ${path}`, 'openat', AT_FDCWD, path, or(O, 'O_RDONLY', 'O_CLOEXEC')));
  }
}

/**
 * As the host's root, who may enter what any user namespace owns; the user namespace comes after all others, since it is the
 * end of these rights. Of a pid namespace the children are in it, of a mount namespace the root is the new one (setns(2)).
 */
export function joinNamespaces(program: Program, joined: JoinedNamespaces): void {
  for (const [type, fd] of joined) {
    if (type === 'user') continue;
    program.call(`join the ${type} namespace`, 'setns', [fd, or(CLONE, NAMESPACES[type].flag)]);
  }
  const user = joined.get('user');
  if (user !== undefined) program.call('join the user namespace', 'setns', [user, or(CLONE, 'CLONE_NEWUSER')]);
}
