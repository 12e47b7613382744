import { describe, expect, test } from 'vitest';
import { InvalidConfig } from '../../oci/check.ts';
import { checkFlatProfile } from './check-profile.ts';
import { readProfile, readProfileText } from './read-profile.ts';

const rule = { names: ['read'], action: 'SCMP_ACT_ALLOW' };
const profile = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [rule] };
const argument = { index: 0, value: 1, op: 'SCMP_CMP_EQ' };

test('a profile in Docker’s form loses what says nothing', () => {
  const read = readProfile({
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrno: 'ENOSYS',
    defaultErrnoRet: 38,
    archMap: [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X32'] },
      { architecture: 'SCMP_ARCH_RISCV64', subArchitectures: null },
    ],
    syscalls: [
      { names: ['read'], action: 'SCMP_ACT_ALLOW', args: null, comment: '', includes: {}, excludes: { caps: [], minKernel: '' } },
      { name: 'bpf', action: 'SCMP_ACT_ERRNO', errno: 'EPERM', args: [], includes: { caps: ['CAP_BPF'], minKernel: '5.8' } },
      { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ ...argument, valueTwo: 0 }], excludes: { arches: ['arm64'] } },
    ],
  });
  expect(read).toEqual({
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 38,
    archMap: [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X32'] },
      { architecture: 'SCMP_ARCH_RISCV64', subArchitectures: [] },
    ],
    syscalls: [
      { names: ['read'], action: 'SCMP_ACT_ALLOW' },
      { names: ['bpf'], action: 'SCMP_ACT_ERRNO', errnoRet: 1, includes: { caps: ['CAP_BPF'], minKernel: '5.8' } },
      { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [argument], excludes: { arches: ['arm64'] } },
    ],
  });
});

test('the runtime-spec’s form stays as it is, and is read again the same', () => {
  const flat = {
    defaultAction: 'SCMP_ACT_LOG',
    architectures: ['SCMP_ARCH_X86_64'],
    flags: ['SECCOMP_FILTER_FLAG_LOG'],
    syscalls: [
      { names: ['clone'], action: 'SCMP_ACT_TRACE', errnoRet: 7, args: [{ ...argument, valueTwo: 3, op: 'SCMP_CMP_MASKED_EQ' }] },
    ],
  };
  expect(readProfile(flat)).toEqual(flat);
  expect(readProfile(readProfile(flat))).toEqual(flat);
  expect(() => checkFlatProfile(flat, 'linux.seccomp')).not.toThrow();
});

test('a text’s numbers keep all their digits', () => {
  const text = (value: string) =>
    `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["ioctl"],"action":"SCMP_ACT_KILL","args":[{"index":1,"value":${value},"op":"SCMP_CMP_EQ"}]}]}`;
  const valueOf = (value: string) => readProfileText(text(value)).syscalls[0]?.args?.[0]?.value;
  expect(valueOf('18446744073709551615')).toBe(2n ** 64n - 1n);
  expect(valueOf('9007199254740993')).toBe(9_007_199_254_740_993n);
  expect(valueOf('9007199254740991')).toBe(9_007_199_254_740_991);
  expect(() => valueOf('18446744073709551616')).toThrow('syscalls.0.args.0.value: is not a whole number from 0 to 2^64 - 1');
  expect(() => valueOf('1e30')).toThrow('which has lost digits in reading');
});

describe('what is not carried out, or not understood, is refused with its place', () => {
  const withRule = (more: object) => ({ ...profile, syscalls: [rule, { ...rule, ...more }] });
  const withArgument = (more: object) => withRule({ args: [argument, { ...argument, ...more }] });

  test.each<[string, unknown]>([
    ['linux.seccomp: is not an object', []],
    ['linux.seccomp.defaultAction: is missing', { syscalls: [] }],
    ['linux.seccomp.defaultAction: is not one of SCMP_ACT_KILL', { ...profile, defaultAction: 'ALLOW' }],
    ['linux.seccomp.defaultAction: is SCMP_ACT_NOTIFY, which needs a listener', { ...profile, defaultAction: 'SCMP_ACT_NOTIFY' }],
    ['linux.seccomp.listenerPath: is not supported', { ...profile, listenerPath: '/run/x' }],
    ['linux.seccomp.defaultErrnoRet: has no meaning for SCMP_ACT_ALLOW', { defaultAction: 'SCMP_ACT_ALLOW', defaultErrnoRet: 1 }],
    [
      'linux.seccomp.defaultErrno: is EPERM, and defaultErrnoRet is 38',
      { ...profile, defaultErrno: 'EPERM', defaultErrnoRet: 38 },
    ],
    ['linux.seccomp.architectures.0: is not one of SCMP_ARCH_X86,', { ...profile, architectures: ['amd64'] }],
    [
      'linux.seccomp.archMap: and architectures exclude each other',
      { ...profile, architectures: ['SCMP_ARCH_X86'], archMap: [] },
    ],
    ['linux.seccomp.flags.0: is not one of', { ...profile, flags: ['SECCOMP_FILTER_FLAG_NEW_LISTENER'] }],
    ['linux.seccomp.syscalls: is not a list', { ...profile, syscalls: {} }],
    ['linux.seccomp.syscalls.1.action: is SCMP_ACT_NOTIFY', withRule({ action: 'SCMP_ACT_NOTIFY' })],
    ['linux.seccomp.syscalls.1.names: names no syscall', withRule({ names: [] })],
    ['linux.seccomp.syscalls.1.names.0: is "read write"', withRule({ names: ['read write'] })],
    ['linux.seccomp.syscalls.1.name: and names exclude each other', withRule({ name: 'write' })],
    ['linux.seccomp.syscalls.1.errnoRet: has no meaning for SCMP_ACT_ALLOW', withRule({ errnoRet: 1 })],
    [
      'linux.seccomp.syscalls.1.errnoRet: is not a whole number from 0 to 4095',
      withRule({ action: 'SCMP_ACT_ERRNO', errnoRet: 4096 }),
    ],
    ['linux.seccomp.syscalls.1.errno: is not one of', withRule({ action: 'SCMP_ACT_ERRNO', errno: 'EWRONG' })],
    ['linux.seccomp.syscalls.1.args.1.index: is not a whole number from 0 to 5', withArgument({ index: 6 })],
    ['linux.seccomp.syscalls.1.args.1.op: is not one of', withArgument({ op: '==' })],
    ['linux.seccomp.syscalls.1.args.1.value: is not a whole number from 0 to 2^64 - 1', withArgument({ value: -1 })],
    ['linux.seccomp.syscalls.1.args.1.valueTwo: is a number above 2^53 - 1', withArgument({ valueTwo: 2 ** 60 })],
    [
      'linux.seccomp.syscalls.1.includes.caps.0: is "SYS_ADMIN", which is not a capability',
      withRule({ includes: { caps: ['SYS_ADMIN'] } }),
    ],
    ['linux.seccomp.syscalls.1.excludes.minKernel: is "5"', withRule({ excludes: { minKernel: '5' } })],
    ['linux.seccomp.syscalls.1.include: is not supported', withRule({ include: {} })],
  ])('%s', (message, value) => {
    expect(() => readProfile(value)).toThrow(InvalidConfig);
    expect(() => readProfile(value)).toThrow(message);
  });

  test('and so is what is not JSON, and a condition in the runtime-spec’s form', () => {
    expect(() => readProfileText('{', 'profile')).toThrow('config.profile: is not JSON: ');
    const conditional = withRule({ includes: {} });
    expect(() => checkFlatProfile(conditional, 'linux.seccomp')).toThrow('linux.seccomp.syscalls.1.includes: is not supported');
    expect(() => checkFlatProfile(withRule({ args: null }), 'linux.seccomp')).toThrow(
      'linux.seccomp.syscalls.1.args: is not a list',
    );
  });
});
