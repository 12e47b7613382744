import { PR } from '../abi/prctl.ts';
import { call } from '../program/call.ts';

/**
 * From here on this process's /proc entries are the host's root's alone, and nobody without CAP_SYS_PTRACE over the host may attach to it; and so
 * it is for its children until they exec (prctl(2), PR_SET_DUMPABLE).
 */
export function setUndumpable(): void {
  call('be closed to others', 'prctl', { value: PR.PR_SET_DUMPABLE, text: 'PR_SET_DUMPABLE' }, 0, 0, 0, 0);
}
