import { expect, test } from 'vitest';
import { BPF_DEVCG_DEV, BPF_OP } from '../../abi/bpf.ts';
import type { LinuxDeviceRule } from '../../oci/config.ts';
import { DEFAULT_DEVICE_RULES } from '../../oci/defaults.ts';
import { accessBits, deviceProgram } from './device-program.ts';

/** Plays the instructions as the kernel would; jumps only go forward, so it ends. */
function play(code: Uint8Array, context: Uint32Array): number {
  const view = new DataView(code.buffer);
  const registers = new Uint32Array(11);
  for (let pc = 0; pc < code.length / 8; pc++) {
    const opcode = view.getUint8(pc * 8);
    const to = view.getUint8(pc * 8 + 1) & 15;
    const from = view.getUint8(pc * 8 + 1) >> 4;
    const offset = view.getInt16(pc * 8 + 2, true);
    const immediate = view.getInt32(pc * 8 + 4, true);
    const value = registers[to] ?? 0;
    if (opcode === BPF_OP.LDX_W) registers[to] = context[offset / 4] ?? 0;
    else if (opcode === BPF_OP.MOV64_IMM) registers[to] = immediate;
    else if (opcode === BPF_OP.MOV32_REG) registers[to] = registers[from] ?? 0;
    else if (opcode === BPF_OP.AND32_IMM) registers[to] = value & immediate;
    else if (opcode === BPF_OP.RSH32_IMM) registers[to] = value >>> immediate;
    else if (opcode === BPF_OP.JNE_IMM) pc += value === immediate ? 0 : offset;
    else if (opcode === BPF_OP.JEQ_IMM) pc += value === immediate ? offset : 0;
    else if (opcode === BPF_OP.EXIT) return registers[0] ?? 0;
    else throw new Error(`opcode ${opcode}`);
  }
  throw new Error('ran over the end');
}

function allows(rules: readonly LinuxDeviceRule[], type: 'b' | 'c', major: number, minor: number, access: string): boolean {
  return play(deviceProgram(rules), new Uint32Array([(accessBits(access) << 16) | BPF_DEVCG_DEV[type], major, minor])) === 1;
}

test('the default list: its own nodes, terminals, and mknod alone of any other', () => {
  for (const minor of [3, 5, 7, 8, 9]) expect(allows(DEFAULT_DEVICE_RULES, 'c', 1, minor, 'rw')).toBe(true);
  expect(allows(DEFAULT_DEVICE_RULES, 'c', 5, 0, 'rwm')).toBe(true);
  expect(allows(DEFAULT_DEVICE_RULES, 'c', 136, 7, 'rw')).toBe(true);
  expect(allows(DEFAULT_DEVICE_RULES, 'b', 254, 0, 'm')).toBe(true);
  for (const access of ['r', 'w', 'rw', 'rm']) expect(allows(DEFAULT_DEVICE_RULES, 'b', 254, 0, access)).toBe(false);
  expect(allows(DEFAULT_DEVICE_RULES, 'b', 1, 3, 'r')).toBe(false);
  expect(allows(DEFAULT_DEVICE_RULES, 'c', 10, 229, 'r')).toBe(false);
});

test('what no rule speaks of is denied, and of several rules the last decides on each access', () => {
  const device = { type: 'c', major: 4, minor: 5 } as const;
  expect(allows([], 'c', 4, 5, 'r')).toBe(false);
  expect(allows([{ allow: true }], 'b', 9, 9, 'rwm')).toBe(true);
  expect(allows([{ allow: true }, { allow: false, ...device, access: 'w' }], 'c', 4, 5, 'r')).toBe(true);
  expect(allows([{ allow: true }, { allow: false, ...device, access: 'w' }], 'c', 4, 5, 'rw')).toBe(false);
  const piecemeal = [
    { allow: true, ...device, access: 'r' },
    { allow: true, ...device, access: 'w' },
  ];
  expect(allows(piecemeal, 'c', 4, 5, 'rw')).toBe(true);
  expect(allows(piecemeal, 'c', 4, 5, 'rwm')).toBe(false);
  expect(allows([...piecemeal, { allow: false }], 'c', 4, 5, 'r')).toBe(false);
  expect(allows([{ allow: true, type: 'c', major: 4 }], 'c', 4, 99, 'rwm')).toBe(true);
  expect(allows([{ allow: true, type: 'c', major: 4 }], 'c', 5, 99, 'r')).toBe(false);
});
