import { describe, expect, test } from 'vitest';
import { BPF_MAXINSNS } from '../../abi/bpf-classic.ts';
import { AUDIT_ARCH, SECCOMP_RET, SKIPPED_SYSCALL, X32_SYSCALL_BIT } from '../../abi/seccomp.ts';
import { SYSCALL_TABLE_X64 } from '../../abi/syscall-table-x64.ts';
import { seccompArchitecture } from './architecture.ts';
import { compileProfile } from './compile.ts';
import { playFilter } from './play-filter.fixture.ts';
import type { LinuxSeccomp, LinuxSyscall, SeccompArgument, SeccompOperator } from './profile.ts';

const { ALLOW, ERRNO, KILL_PROCESS, KILL_THREAD, TRAP, TRACE, LOG } = SECCOMP_RET;
const EPERM = ERRNO + 1;
const ENOSYS = ERRNO + 38;
const MAX = 2n ** 64n - 1n;

const compile = (profile: LinuxSeccomp) => compileProfile(profile, seccompArchitecture('x64'));
const denying = (...syscalls: LinuxSyscall[]): LinuxSeccomp => ({ defaultAction: 'SCMP_ACT_ERRNO', syscalls });
const allowing = (...args: SeccompArgument[]): LinuxSyscall => ({ names: ['ioctl'], action: 'SCMP_ACT_ALLOW', args });

function verdictOf(profile: LinuxSeccomp, name: string, ...args: bigint[]): number {
  return playFilter(compile(profile).program, { number: SYSCALL_TABLE_X64.get(name) ?? -1, arguments: args });
}

test('each action answers as the kernel reads it', () => {
  const actions: [Omit<LinuxSyscall, 'names'>, number][] = [
    [{ action: 'SCMP_ACT_ALLOW' }, ALLOW],
    [{ action: 'SCMP_ACT_LOG' }, LOG],
    [{ action: 'SCMP_ACT_TRAP' }, TRAP],
    [{ action: 'SCMP_ACT_ERRNO', errnoRet: 38 }, ERRNO + 38],
    [{ action: 'SCMP_ACT_ERRNO', errnoRet: 0 }, ERRNO],
    [{ action: 'SCMP_ACT_TRACE' }, TRACE + 1],
    [{ action: 'SCMP_ACT_TRACE', errnoRet: 0xffff }, TRACE + 0xffff],
    [{ action: 'SCMP_ACT_KILL_PROCESS' }, KILL_PROCESS],
    [{ action: 'SCMP_ACT_KILL_THREAD' }, KILL_THREAD],
    [{ action: 'SCMP_ACT_KILL' }, KILL_THREAD],
  ];
  for (const [action, expected] of actions) expect(verdictOf(denying({ names: ['read'], ...action }), 'read')).toBe(expected);
});

test('calls of another architecture and x32’s kill the process, a skipped one is treated as any', () => {
  const { program } = compile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] });
  expect(playFilter(program, { number: 0 })).toBe(ALLOW);
  expect(playFilter(program, { number: 0, architecture: AUDIT_ARCH.ia32 })).toBe(KILL_PROCESS);
  expect(playFilter(program, { number: 0, architecture: AUDIT_ARCH.arm64 })).toBe(KILL_PROCESS);
  expect(playFilter(program, { number: X32_SYSCALL_BIT })).toBe(KILL_PROCESS);
  expect(playFilter(program, { number: X32_SYSCALL_BIT - 1 })).toBe(ALLOW);
  expect(playFilter(program, { number: SKIPPED_SYSCALL - 1 })).toBe(KILL_PROCESS);
  expect(playFilter(program, { number: SKIPPED_SYSCALL })).toBe(ALLOW);
});

describe('an argument', () => {
  const boundaries = [5n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 5n, 2n ** 53n + 1n, 2n ** 63n, 0n, MAX];
  const holds: Record<Exclude<SeccompOperator, 'SCMP_CMP_MASKED_EQ'>, (a: bigint, b: bigint) => boolean> = {
    SCMP_CMP_EQ: (a, b) => a === b,
    SCMP_CMP_NE: (a, b) => a !== b,
    SCMP_CMP_LT: (a, b) => a < b,
    SCMP_CMP_LE: (a, b) => a <= b,
    SCMP_CMP_GT: (a, b) => a > b,
    SCMP_CMP_GE: (a, b) => a >= b,
  };

  test.each(Object.entries(holds))('is compared as 64 bits, unsigned: %s', (op, expected) => {
    for (const value of boundaries) {
      const profile = denying(allowing({ index: 3, value, op: op as SeccompOperator }));
      const { program } = compile(profile);
      const near = boundaries.flatMap((one) => [one - 1n, one, one + 1n]).map((one) => BigInt.asUintN(64, one));
      for (const argument of [...near, value ^ (1n << 40n), value ^ 1n]) {
        const answer = playFilter(program, { number: 16, arguments: [MAX, MAX, MAX, argument, MAX] });
        expect(answer, `${argument} ${op} ${value}`).toBe(expected(argument, value) ? ALLOW : EPERM);
      }
    }
  });

  test('is masked before it is compared, in both halves; of the value the masked bits count alone', () => {
    const mask = 0xf0_0000_00f0n;
    const profile = denying(allowing({ index: 0, value: mask, valueTwo: 0x50_0000_0050n, op: 'SCMP_CMP_MASKED_EQ' }));
    for (const [argument, answer] of [
      [0x50_0000_0050n, ALLOW],
      [0x5f_ffff_ff5fn, ALLOW],
      [0x50_0000_0040n, EPERM],
      [0x40_0000_0050n, EPERM],
      [0n, EPERM],
    ] as const) {
      expect(verdictOf(profile, 'ioctl', argument)).toBe(answer);
    }
    const low = { index: 0, value: 1, valueTwo: 3, op: 'SCMP_CMP_MASKED_EQ' } as const;
    expect(verdictOf(denying(allowing(low)), 'ioctl', 1n << 40n)).toBe(EPERM);
    expect(verdictOf(denying(allowing(low)), 'ioctl', (1n << 40n) + 1n)).toBe(ALLOW);
    expect(verdictOf(denying(allowing({ ...low, value: 0 })), 'ioctl', 0n)).toBe(ALLOW);
  });
});

describe('several', () => {
  const is = (index: number, value: number): SeccompArgument => ({ index, value, op: 'SCMP_CMP_EQ' });
  const at = (...args: number[]) => args.map(BigInt);

  test('arguments of a rule must all hold; of rules one is enough', () => {
    const profile = denying(allowing(is(0, 1), is(5, 2)), allowing(is(1, 9)));
    expect(verdictOf(profile, 'ioctl', ...at(1, 0, 0, 0, 0, 2))).toBe(ALLOW);
    expect(verdictOf(profile, 'ioctl', ...at(1, 0, 0, 0, 0, 3))).toBe(EPERM);
    expect(verdictOf(profile, 'ioctl', ...at(0, 9, 0, 0, 0, 2))).toBe(ALLOW);
  });

  test('conditions on one argument in a rule are rules of their own, as runc and crun have it', () => {
    const profile = denying(allowing(is(0, 1), is(0, 2), is(1, 7)));
    for (const args of [at(1), at(2), at(3, 7)]) expect(verdictOf(profile, 'ioctl', ...args)).toBe(ALLOW);
    expect(verdictOf(profile, 'ioctl', ...at(3))).toBe(EPERM);
  });

  test('a rule without arguments overrules those with, and of two such the first is heard', () => {
    const log: LinuxSyscall = { names: ['ioctl'], action: 'SCMP_ACT_LOG' };
    const trap: LinuxSyscall = { names: ['ioctl'], action: 'SCMP_ACT_TRAP' };
    expect(verdictOf(denying(allowing(is(0, 1)), log, trap), 'ioctl', 1n)).toBe(LOG);
    expect(verdictOf(denying(trap, log), 'ioctl')).toBe(TRAP);
  });

  test('a rule that says what the default says is passed over', () => {
    const same: LinuxSyscall = { names: ['ioctl'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 };
    expect(verdictOf(denying(same, allowing(is(0, 1))), 'ioctl', 1n)).toBe(ALLOW);
    const other: LinuxSyscall = { ...same, errnoRet: 2 };
    expect(verdictOf(denying(other, allowing(is(0, 1))), 'ioctl', 1n)).toBe(ERRNO + 2);
  });

  test('with other actions are asked from the narrow to the wide, whatever their order', () => {
    const rules: LinuxSyscall[] = [
      { names: ['ioctl'], action: 'SCMP_ACT_TRAP', args: [{ index: 0, value: 100, op: 'SCMP_CMP_LT' }] },
      { names: ['ioctl'], action: 'SCMP_ACT_LOG', args: [{ index: 0, value: 10, op: 'SCMP_CMP_LT' }] },
      { names: ['ioctl'], action: 'SCMP_ACT_ALLOW', args: [is(0, 5)] },
    ];
    for (const profile of [denying(...rules), denying(...rules.toReversed())]) {
      expect([5n, 6n, 10n, 100n].map((value) => verdictOf(profile, 'ioctl', value))).toEqual([ALLOW, LOG, TRAP, EPERM]);
    }
  });

  test('that contradict each other are refused', () => {
    const contradiction = denying(allowing(is(0, 1)), { ...allowing(is(0, 1)), action: 'SCMP_ACT_LOG' });
    expect(() => compile(contradiction)).toThrow('two rules for ioctl with the same arguments and different actions');
    expect(verdictOf(denying(allowing(is(0, 1)), allowing(is(0, 1))), 'ioctl', 1n)).toBe(ALLOW);
  });
});

test('a syscall that the table does not have is passed over', () => {
  const { program } = compile(denying({ names: ['no_such_syscall', 'read', 'socketcall'], action: 'SCMP_ACT_ALLOW' }));
  const allowed = Array.from({ length: 600 }, (_, number) => number).filter(
    (number) => playFilter(program, { number }) === ALLOW,
  );
  expect(allowed).toEqual([0]);
});

describe('a syscall above the highest that the profile names', () => {
  const { openat2 = -1 } = Object.fromEntries(SYSCALL_TABLE_X64);
  const naming = (defaultAction: LinuxSeccomp['defaultAction'], ...names: string[]): LinuxSeccomp => ({
    defaultAction,
    syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }],
  });
  const answers = (profile: LinuxSeccomp, ...numbers: number[]) =>
    numbers.map((number) => playFilter(compile(profile).program, { number }));

  test.each([
    ['SCMP_ACT_ERRNO', EPERM],
    ['SCMP_ACT_TRAP', TRAP],
    ['SCMP_ACT_KILL', KILL_THREAD],
    ['SCMP_ACT_KILL_THREAD', KILL_THREAD],
    ['SCMP_ACT_KILL_PROCESS', KILL_PROCESS],
  ] as const)('is as if the kernel had none, where the default refuses: %s', (action, otherwise) => {
    const numbers = [openat2 - 1, openat2, openat2 + 1, 600, X32_SYSCALL_BIT - 1];
    expect(answers(naming(action, 'read', 'openat2'), ...numbers)).toEqual([otherwise, ALLOW, ENOSYS, ENOSYS, ENOSYS]);
    expect(answers(naming(action, 'openat2'), SKIPPED_SYSCALL, X32_SYSCALL_BIT)).toEqual([otherwise, KILL_PROCESS]);
  });

  test.each([
    ['SCMP_ACT_ALLOW', ALLOW],
    ['SCMP_ACT_LOG', LOG],
    ['SCMP_ACT_TRACE', TRACE + 1],
  ] as const)('has the default that lets it through: %s', (action, otherwise) => {
    const profile: LinuxSeccomp = { defaultAction: action, syscalls: [{ names: ['openat2'], action: 'SCMP_ACT_TRAP' }] };
    expect(answers(profile, openat2, openat2 + 1, 600)).toEqual([TRAP, otherwise, otherwise]);
  });

  test('is not one that a rule names whose answer is the default’s', () => {
    const refusing: LinuxSyscall = { names: ['openat2', 'no_such_syscall'], action: 'SCMP_ACT_ERRNO' };
    const profile = { ...naming('SCMP_ACT_ERRNO', 'read'), syscalls: [...naming('SCMP_ACT_ERRNO', 'read').syscalls, refusing] };
    expect(answers(profile, 1, openat2, openat2 + 1)).toEqual([EPERM, EPERM, ENOSYS]);
  });

  test('is unknown where the profile names none', () => {
    expect(answers(naming('SCMP_ACT_ERRNO', 'no_such_syscall'), 0, 600)).toEqual([EPERM, EPERM]);
  });
});

describe('a large profile', () => {
  const manyValues = (count: number) =>
    Array.from({ length: count }, (_, i) => allowing({ index: i % 6, value: i + 1, op: 'SCMP_CMP_EQ' }));

  test('jumps further than a conditional jump reaches', () => {
    // In the middle of the numbers, so that the search jumps over it, and each of its rules past all others.
    const profile = denying({ names: ['read', 'openat2'], action: 'SCMP_ACT_ALLOW' }, ...manyValues(600));
    const { program, instructions } = compile(profile);
    expect(instructions).toBeGreaterThan(4 * 255);
    expect(instructions).toBe(program.length / 8);
    for (let i = 0; i < 600; i++) {
      const args = [0n, 0n, 0n, 0n, 0n, 0n].map((_, index) => (index === i % 6 ? BigInt(i + 1) : 0n));
      expect(playFilter(program, { number: 16, arguments: args })).toBe(ALLOW);
    }
    expect(playFilter(program, { number: 16, arguments: [9999n] })).toBe(EPERM);
    expect([0, 1, 15, 17, 437, 438].map((number) => playFilter(program, { number }))).toEqual([
      ALLOW,
      EPERM,
      EPERM,
      EPERM,
      ALLOW,
      ENOSYS,
    ]);
  });

  test('decides on each of all syscalls alone', () => {
    const syscalls = [...SYSCALL_TABLE_X64].map(([name, number]) => ({
      names: [name],
      action: 'SCMP_ACT_TRACE' as const,
      errnoRet: number,
    }));
    const { program } = compile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls });
    const known = new Set(SYSCALL_TABLE_X64.values());
    for (let number = 0; number <= 600; number++) {
      expect(playFilter(program, { number })).toBe(known.has(number) ? TRACE + number : ALLOW);
    }
  });

  test('is refused when it has more instructions than the kernel takes', () => {
    expect(() => compile(denying(...manyValues(1100)))).toThrow(
      new RegExp(`config\\.linux\\.seccomp: is \\d{4} instructions as a filter; the kernel takes ${BPF_MAXINSNS}`),
    );
  });
});

test('flags are handed on as the kernel’s bits', () => {
  const flags = ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'];
  expect(compile({ ...denying(), flags }).flags).toBe(6);
  expect(compile(denying()).flags).toBe(0);
});
