import { expect, test } from 'vitest';
import { CAPABILITIES } from '../../abi/capabilities.ts';
import { CLONE } from '../../abi/clone.ts';
import { SECCOMP_RET } from '../../abi/seccomp.ts';
import { SYSCALL_TABLE_X64 } from '../../abi/syscall-table-x64.ts';
import { DEFAULT_CAPABILITIES } from '../../oci/defaults.ts';
import { COMMON_SYSCALLS } from './common-syscalls.ts';
import { DEFAULT_SECCOMP_PROFILE } from './default-profile.ts';
import { seccompFilter } from './filter.ts';
import { playFilter } from './play-filter.fixture.ts';
import { readProfile } from './read-profile.ts';

const { ALLOW, ERRNO } = SECCOMP_RET;
const EPERM = ERRNO + 1;
const ENOSYS = ERRNO + 38;

function verdictOf(name: string, args: readonly number[] = [], capabilities: readonly string[] = DEFAULT_CAPABILITIES): number {
  const host = { architecture: 'x64', capabilities, kernel: { major: 6, minor: 1 } } as const;
  const { program } = seccompFilter(DEFAULT_SECCOMP_PROFILE, host);
  return playFilter(program, { number: SYSCALL_TABLE_X64.get(name) ?? -1, arguments: args.map(BigInt) });
}

test('is a profile as any other, and small', () => {
  expect(readProfile(DEFAULT_SECCOMP_PROFILE)).toEqual(DEFAULT_SECCOMP_PROFILE);
  const host = { architecture: 'x64', capabilities: [], kernel: { major: 6, minor: 1 } } as const;
  expect(seccompFilter(DEFAULT_SECCOMP_PROFILE, host).instructions).toBeLessThan(300);
});

test('names each common syscall once, and none that no architecture has', () => {
  const names = Object.values(COMMON_SYSCALLS).flatMap((group) => group.trim().split(/\s+/));
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !SYSCALL_TABLE_X64.has(name))).toEqual(['riscv_hwprobe']);
});

test('allows what programs live on, and nothing that is for the host', () => {
  for (const name of ['read', 'openat', 'execve', 'futex', 'rseq', 'statx', 'landlock_restrict_self', 'ptrace', 'arch_prctl']) {
    expect(verdictOf(name), name).toBe(ALLOW);
  }
  const refused = [
    'mount',
    'unshare',
    'setns',
    'bpf',
    'reboot',
    'init_module',
    'kexec_load',
    'swapon',
    'io_uring_setup',
    'keyctl',
  ];
  for (const name of [...refused, 'add_key', 'userfaultfd', 'open_by_handle_at', 'perf_event_open', 'syslog', 'iopl']) {
    expect(verdictOf(name), name).toBe(EPERM);
  }
});

test('answers what is newer than the list as a kernel does that does not have it', () => {
  for (const capabilities of [DEFAULT_CAPABILITIES, [], CAPABILITIES]) {
    const host = { architecture: 'x64', capabilities, kernel: { major: 6, minor: 1 } } as const;
    const { program } = seccompFilter(DEFAULT_SECCOMP_PROFILE, host);
    const answers = (...numbers: number[]) => numbers.map((number) => playFilter(program, { number }));
    expect(answers(466)).toEqual([ALLOW]);
    expect(answers(467, 471, 500, 600, 1000, 0x3fff_ffff)).toEqual([ENOSYS, ENOSYS, ENOSYS, ENOSYS, ENOSYS, ENOSYS]);
  }
});

test('makes no namespaces: by clone’s flags, and clone3 as if there were none', () => {
  expect(verdictOf('clone', [CLONE.CLONE_FILES | 17])).toBe(ALLOW);
  for (const flag of ['CLONE_NEWNS', 'CLONE_NEWUSER', 'CLONE_NEWNET', 'CLONE_NEWPID', 'CLONE_NEWCGROUP'] as const) {
    expect(verdictOf('clone', [CLONE[flag] | 17]), flag).toBe(EPERM);
  }
  expect(verdictOf('clone3')).toBe(ENOSYS);
  expect(verdictOf('clone3', [], ['CAP_SYS_ADMIN'])).toBe(ALLOW);
  expect(verdictOf('clone', [CLONE.CLONE_NEWNS], ['CAP_SYS_ADMIN'])).toBe(ALLOW);
});

test('opens sockets of families that containers use', () => {
  const allowed = Array.from({ length: 50 }, (_, family) => family).filter((family) => verdictOf('socket', [family]) === ALLOW);
  const families = '0-11 13-18 21 22 24 26-33 35 36 39 41-45'.split(' ').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  expect(allowed).toEqual(families);
  expect(verdictOf('socket', [2 ** 32 + 2])).toBe(EPERM);
});

test('changes the personality to those of Linux', () => {
  const asked = [0, 8, 0x2_0000, 0x2_0008, 0xffff_ffff, 1, 0x4_0000, 0x40_0000];
  expect(asked.map((value) => verdictOf('personality', [value]) === ALLOW)).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('a capability opens its own syscalls and closes none', () => {
  const names = [...SYSCALL_TABLE_X64.keys()];
  const allowed = (capabilities: string[]) => names.filter((name) => verdictOf(name, [], capabilities) === ALLOW);
  const without = new Set(allowed([]));
  const sets = CAPABILITIES.map((capability) => [capability, new Set(allowed([capability]))] as const);
  expect(sets.filter(([, some]) => [...without].some((name) => !some.has(name)))).toEqual([]);
  const opened = sets.map(([capability, some]) => [capability, [...some].filter((name) => !without.has(name))] as const);
  expect(Object.fromEntries(opened.filter(([, some]) => some.length > 0 && some.length < 5))).toEqual({
    CAP_BPF: ['bpf'],
    CAP_DAC_READ_SEARCH: ['open_by_handle_at'],
    CAP_PERFMON: ['perf_event_open'],
    CAP_SYSLOG: ['syslog'],
    CAP_SYS_BOOT: ['reboot'],
    CAP_SYS_CHROOT: ['chroot'],
    CAP_SYS_MODULE: ['init_module', 'delete_module', 'finit_module'],
    CAP_SYS_NICE: ['mbind', 'set_mempolicy', 'get_mempolicy', 'set_mempolicy_home_node'],
    CAP_SYS_PACCT: ['acct'],
    CAP_SYS_PTRACE: ['kcmp', 'pidfd_getfd', 'process_madvise'],
    CAP_SYS_RAWIO: ['iopl', 'ioperm'],
    CAP_SYS_TIME: ['settimeofday', 'clock_settime'],
    CAP_SYS_TTY_CONFIG: ['vhangup'],
  });
  expect(opened.filter(([, some]) => some.length >= 5).map(([capability, { length }]) => [capability, length])).toEqual([
    ['CAP_SYS_ADMIN', 24],
  ]);
});
