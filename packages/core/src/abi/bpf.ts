/** include/uapi/linux/bpf.h, bpf_common.h. */
export const BPF_CMD = { BPF_PROG_LOAD: 5, BPF_PROG_ATTACH: 8, BPF_PROG_QUERY: 16 } as const;
export const BPF_PROG_TYPE_CGROUP_DEVICE = 15;
export const BPF_CGROUP_DEVICE = 6;
export const BPF_F_ALLOW_MULTI = 2;

/** Opcodes of the instructions that are used, each by its mnemonic: class | size or operation | source. */
export const BPF_OP = {
  /** dst = *(u32 *)(src + offset) */
  LDX_W: 0x61,
  MOV64_IMM: 0xb7,
  MOV32_REG: 0xbc,
  AND32_IMM: 0x54,
  RSH32_IMM: 0x74,
  JNE_IMM: 0x55,
  JEQ_IMM: 0x15,
  EXIT: 0x95,
} as const;

/** struct bpf_cgroup_dev_ctx: three u32. access_type is access << 16 | type. */
export const DEVICE_CONTEXT = { accessType: 0, major: 4, minor: 8 } as const;
export const BPF_DEVCG_DEV = { b: 1, c: 2 } as const;
export const BPF_DEVCG_ACC = { m: 1, r: 2, w: 4 } as const;
