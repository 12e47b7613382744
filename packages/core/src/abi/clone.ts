/** include/uapi/linux/sched.h; clone(2). */
export const CLONE = {
  CLONE_VM: 0x100,
  CLONE_FILES: 0x400,
  CLONE_PIDFD: 0x1000,
  CLONE_VFORK: 0x4000,
  CLONE_PARENT: 0x8000,
  CLONE_PARENT_SETTID: 0x10_0000,
  CLONE_NEWNS: 0x2_0000,
  CLONE_NEWCGROUP: 0x200_0000,
  CLONE_NEWUTS: 0x400_0000,
  CLONE_NEWIPC: 0x800_0000,
  CLONE_NEWUSER: 0x1000_0000,
  CLONE_NEWPID: 0x2000_0000,
  CLONE_NEWNET: 0x4000_0000,
  CLONE_NEWTIME: 0x80,
  CLONE_CLEAR_SIGHAND: 0x1_0000_0000,
  CLONE_INTO_CGROUP: 0x2_0000_0000,
} as const;

export const SIGCHLD = 17;

/** waitid(2), include/uapi/linux/wait.h. */
export const WAIT = { P_PIDFD: 3, WNOHANG: 1, WEXITED: 4 } as const;

/** siginfo_t as waitid fills it in (x86-64 and arm64 alike): si_code at 8, si_pid at 16, si_status at 24; 128 bytes. */
export const SIGINFO = { size: 128, code: 8, pid: 16, status: 24 } as const;
export const CLD_EXITED = 1;

/** ioctl on a pidfd, Linux >= 6.15 for the exit part: include/uapi/linux/pidfd.h, struct pidfd_info of 64 bytes. */
export const PIDFD_GET_INFO = { request: 0xc040_ff0b, size: 64, mask: 0, exitCode: 60, PIDFD_INFO_EXIT: 8 } as const;
