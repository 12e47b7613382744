import { ERRNO } from '../../abi/errno.ts';
import { SECCOMP_RET } from '../../abi/seccomp.ts';
import type { SeccompAction } from './profile.ts';

/** What the filter returns to the kernel for an action. */
export function verdict(action: SeccompAction, errnoRet: number = ERRNO.EPERM): number {
  switch (action) {
    case 'SCMP_ACT_ALLOW':
      return SECCOMP_RET.ALLOW;
    case 'SCMP_ACT_LOG':
      return SECCOMP_RET.LOG;
    case 'SCMP_ACT_TRAP':
      return SECCOMP_RET.TRAP;
    case 'SCMP_ACT_ERRNO':
      return (SECCOMP_RET.ERRNO | errnoRet) >>> 0;
    case 'SCMP_ACT_TRACE':
      return (SECCOMP_RET.TRACE | errnoRet) >>> 0;
    case 'SCMP_ACT_KILL_PROCESS':
      return SECCOMP_RET.KILL_PROCESS;
    // What KILL meant before there was a choice.
    case 'SCMP_ACT_KILL':
    case 'SCMP_ACT_KILL_THREAD':
      return SECCOMP_RET.KILL_THREAD;
  }
}
