import { PR } from '../abi/prctl.ts';
import { Memory } from '../program/argument.ts';
import type { OciProcess } from '../oci/config.ts';
import type { Program } from '../program/program.ts';
import { dropBoundingSet, setCapabilities } from './capabilities.ts';

/**
 * In a user namespace that was entered the ids are still the host's root's, which nobody inside is. From here on what is made
 * belongs to the container's root; its capabilities stay (user_namespaces(7)).
 */
export function becomeRootInside(program: Program): void {
  program.call("be the container's root: group", 'setresgid', [0, 0, 0]);
  program.call("be the container's root", 'setresuid', [0, 0, 0]);
}

/**
 * From the supervisor's root to the container's user and capabilities. The order is the kernel's: the bounding set needs
 * CAP_SETPCAP, groups and ids need CAP_SETGID and CAP_SETUID, and a uid change away from 0 empties the permitted set
 * unless PR_SET_KEEPCAPS says otherwise (capabilities(7)).
 */
export function becomeUser(program: Program, { user, capabilities, noNewPrivileges }: OciProcess): void {
  const { uid, gid, additionalGids = [] } = user;
  dropBoundingSet(program, capabilities.bounding);
  if (uid !== 0) {
    program.call('keep capabilities over the change of user', 'prctl', [
      { value: PR.PR_SET_KEEPCAPS, text: 'PR_SET_KEEPCAPS' },
      1,
      0,
      0,
      0,
    ]);
  }
  const groups = new Uint8Array(new Uint32Array(additionalGids).buffer);
  program.call('set the groups', 'setgroups', [additionalGids.length, new Memory(groups, `[${additionalGids.join(', ')}]`)]);
  program.call('set the group', 'setresgid', [gid, gid, gid]);
  program.call('set the user', 'setresuid', [uid, uid, uid]);
  setCapabilities(program, capabilities);
  if (noNewPrivileges) {
    program.call('let no exec add privileges', 'prctl', [
      { value: PR.PR_SET_NO_NEW_PRIVS, text: 'PR_SET_NO_NEW_PRIVS' },
      1,
      0,
      0,
      0,
    ]);
  }
}
