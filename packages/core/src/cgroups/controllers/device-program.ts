import { BPF_DEVCG_ACC, BPF_DEVCG_DEV, BPF_OP, DEVICE_CONTEXT } from '../../abi/bpf.ts';
import type { LinuxDeviceRule } from '../../oci/config.ts';

/** struct bpf_insn: opcode, registers, a jump's distance in instructions, a constant. */
interface Instruction {
  opcode: number;
  destination?: number;
  source?: number;
  offset?: number;
  immediate?: number;
}

const RESULT = 0;
const CONTEXT = 1;
const TYPE = 2;
/** The bits of what is asked for that no rule has decided yet. */
const ASKED = 3;
const MAJOR = 4;
const MINOR = 5;
const SCRATCH = 6;

/**
 * Device rules as an eBPF program for BPF_CGROUP_DEVICE. As with devices.allow and devices.deny on v1 the last rule that
 * speaks of a device and an access decides on it, and what no rule speaks of is denied: so they are walked from the last,
 * and each takes away the accesses that it allows, until none is left.
 */
export function deviceProgram(rules: readonly LinuxDeviceRule[]): Uint8Array {
  const program: Instruction[] = [
    { opcode: BPF_OP.LDX_W, destination: TYPE, source: CONTEXT, offset: DEVICE_CONTEXT.accessType },
    { opcode: BPF_OP.MOV32_REG, destination: ASKED, source: TYPE },
    { opcode: BPF_OP.AND32_IMM, destination: TYPE, immediate: 0xffff },
    { opcode: BPF_OP.RSH32_IMM, destination: ASKED, immediate: 16 },
    { opcode: BPF_OP.LDX_W, destination: MAJOR, source: CONTEXT, offset: DEVICE_CONTEXT.major },
    { opcode: BPF_OP.LDX_W, destination: MINOR, source: CONTEXT, offset: DEVICE_CONTEXT.minor },
    ...rules.toReversed().flatMap(ruleInstructions),
    ...verdict(0),
  ];
  return encode(program);
}

function ruleInstructions({ allow, type = 'a', major, minor, access = 'rwm' }: LinuxDeviceRule): Instruction[] {
  const bits = accessBits(access);
  const every = type === 'a';
  const decide: Instruction[] = allow
    ? [
        { opcode: BPF_OP.AND32_IMM, destination: ASKED, immediate: ~bits & 0xffff },
        { opcode: BPF_OP.JNE_IMM, destination: ASKED, immediate: 0, offset: 2 },
        ...verdict(1),
      ]
    : [
        { opcode: BPF_OP.MOV32_REG, destination: SCRATCH, source: ASKED },
        { opcode: BPF_OP.AND32_IMM, destination: SCRATCH, immediate: every ? 0xffff : bits },
        { opcode: BPF_OP.JEQ_IMM, destination: SCRATCH, immediate: 0, offset: 2 },
        ...verdict(0),
      ];
  const conditions = every
    ? []
    : [
        { register: TYPE, is: BPF_DEVCG_DEV[type] },
        { register: MAJOR, is: major },
        { register: MINOR, is: minor },
      ].filter((condition): condition is { register: number; is: number } => condition.is !== undefined);
  // A condition that does not hold jumps over those after it and the decision.
  const guards = conditions.map(({ register, is }, i) => ({
    opcode: BPF_OP.JNE_IMM,
    destination: register,
    immediate: is,
    offset: conditions.length - 1 - i + decide.length,
  }));
  return [...guards, ...decide];
}

/** `rw` as the kernel's bits. */
export function accessBits(access: string): number {
  return Object.entries(BPF_DEVCG_ACC).reduce((bits, [letter, bit]) => (access.includes(letter) ? bits | bit : bits), 0);
}

function verdict(value: 0 | 1): Instruction[] {
  return [{ opcode: BPF_OP.MOV64_IMM, destination: RESULT, immediate: value }, { opcode: BPF_OP.EXIT }];
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(({ opcode, destination = 0, source = 0, offset = 0, immediate = 0 }, i) => {
    view.setUint8(i * 8, opcode);
    view.setUint8(i * 8 + 1, (source << 4) | destination);
    view.setInt16(i * 8 + 2, offset, true);
    view.setInt32(i * 8 + 4, immediate, true);
  });
  return bytes;
}
