/** prctl(2), include/uapi/linux/prctl.h. */
export const PR = {
  PR_SET_PDEATHSIG: 1,
  PR_SET_DUMPABLE: 4,
  PR_SET_KEEPCAPS: 8,
  PR_SET_NAME: 15,
  PR_CAPBSET_DROP: 24,
  PR_SET_SECUREBITS: 28,
  PR_SET_NO_NEW_PRIVS: 38,
  PR_CAP_AMBIENT: 47,
} as const;
/** PR_CAP_AMBIENT's second argument. */
export const PR_CAP_AMBIENT = { PR_CAP_AMBIENT_RAISE: 2, PR_CAP_AMBIENT_CLEAR_ALL: 4 } as const;
/** A change of user leaves the capability sets as they are (capabilities(7), include/uapi/linux/securebits.h). */
export const SECBIT_NO_SETUID_FIXUP = 1 << 2;

/** sigprocmask(2). The kernel's sigset is 8 bytes. */
export const SIG_SETMASK = 2;
export const SIGSET_BYTES = 8;

/** struct sigaction as the kernel takes it, 32 bytes; all zero is SIG_DFL (x86-64, include/linux/signal_types.h). */
export const SIGACTION_BYTES = 32;
