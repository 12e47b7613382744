/** seccomp(2), include/uapi/linux/seccomp.h. */
export const SECCOMP_SET_MODE_FILTER = 1;

/** What a filter answers: an action, with 16 bits of data below SECCOMP_RET_ACTION_FULL. */
export const SECCOMP_RET = {
  KILL_PROCESS: 0x8000_0000,
  KILL_THREAD: 0,
  TRAP: 0x3_0000,
  ERRNO: 0x5_0000,
  TRACE: 0x7ff0_0000,
  LOG: 0x7ffc_0000,
  ALLOW: 0x7fff_0000,
} as const;

export const SECCOMP_FILTER_FLAG = {
  SECCOMP_FILTER_FLAG_TSYNC: 1,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
} as const;

/** struct seccomp_data: two u32, the instruction pointer, then six u64. */
export const SECCOMP_DATA = { number: 0, architecture: 4, arguments: 16, argumentBytes: 8, size: 64 } as const;

/** include/uapi/linux/audit.h: the ELF machine, with bits for 64-bit and little-endian. */
export const AUDIT_ARCH = { x64: 0xc000_003e, ia32: 0x4000_0003, arm64: 0xc000_00b7 } as const;

/** arch/x86/include/uapi/asm/unistd.h: set in the number of an x32 call, which says AUDIT_ARCH_X86_64 as well. */
export const X32_SYSCALL_BIT = 0x4000_0000;

/** A tracer writes this number to have a call skipped, and the filter is then asked again (seccomp(2)). */
export const SKIPPED_SYSCALL = 0xffff_ffff;

/** include/linux/err.h: the most that SECCOMP_RET_ERRNO passes on; more is cut to it. */
export const MAX_ERRNO = 4095;
/** TRACE's data, which PTRACE_GETEVENTMSG tells. */
export const MAX_TRACE_DATA = 0xffff;
