import { whyBindRefused } from '../mounts/bind.ts';
import { whySysctlRefused } from '../namespaces/sysctls.ts';
import type { OciConfig } from '../oci/config.ts';
import { whyLabelRefused } from '../security/labels.ts';
import { whyRlimitRefused } from '../security/rlimits.ts';
import type { SyscallError } from '../syscalls/syscall-error.ts';

/** What a step's errno alone does not say, in words; null where there is nothing to add. */
export function whyRefused(cause: SyscallError, { process, mounts, linux }: OciConfig): string | null {
  return (
    whyLabelRefused(cause, process) ??
    whyBindRefused(cause, mounts) ??
    whyRlimitRefused(cause, process.rlimits) ??
    whySysctlRefused(cause, linux.sysctl) ??
    whyScoreRefused(cause)
  );
}

export const SET_SCORE = 'set the out-of-memory score';

/** fs/proc/base.c, __set_oom_adj: below the least that the process was ever given is for CAP_SYS_RESOURCE. */
function whyScoreRefused({ purpose, code }: SyscallError): string | null {
  return purpose === SET_SCORE && code === 'EACCES' ? 'none below that of Plimsoll itself is had without CAP_SYS_RESOURCE' : null;
}
