/** Opcodes of the instructions that seccomp filters are made of: include/uapi/linux/{bpf_common,filter}.h; class | size or operation | source. */
export const CLASSIC = {
  /** A = *(u32 *)(seccomp_data + k) */
  LD_W_ABS: 0x20,
  /** A &= k */
  AND: 0x54,
  /** pc += k */
  JA: 0x05,
  /** pc += A == k ? jt : jf; unsigned, as the two after it. */
  JEQ: 0x15,
  JGT: 0x25,
  JGE: 0x35,
  RET: 0x06,
} as const;

/** struct sock_filter: u16 code, u8 jt, u8 jf, u32 k. */
export const SOCK_FILTER_BYTES = 8;
/** include/uapi/linux/bpf_common.h: BPF_MAXINSNS. */
export const BPF_MAXINSNS = 4096;
/** jt and jf are a byte each; a JA has all of k. */
export const MAX_CONDITIONAL_JUMP = 255;
