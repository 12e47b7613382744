import { whyBindRefused } from '../mounts/bind.ts';
import { whyMountPointRefused } from '../mounts/mount-point.ts';
import { whySysctlRefused } from '../namespaces/sysctls.ts';
import type { OciConfig } from '../oci/config.ts';
import { whyLabelRefused } from '../security/labels.ts';
import { whyRlimitRefused } from '../security/rlimits.ts';
import type { SyscallError } from '../syscalls/syscall-error.ts';
import { whyWorkingDirectoryRefused } from './working-directory.ts';

/** What a step's errno alone does not say, in words; null where there is nothing to add. */
export function whyRefused(cause: SyscallError, config: OciConfig): string | null {
  const { process, mounts, linux } = config;
  return (
    whyLabelRefused(cause, process) ??
    whyBindRefused(cause, mounts) ??
    whyMountPointRefused(cause, mounts) ??
    whyWorkingDirectoryRefused(cause, config) ??
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
