import { expect, test } from 'vitest';
import type { ProfileRule, SeccompProfile } from './profile.ts';
import { kernelVersion } from '../../syscalls/kernel-version.ts';
import { resolveProfile } from './resolve.ts';

const rules = (conditions: Pick<ProfileRule, 'includes' | 'excludes'>): SeccompProfile => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: ['bpf'], action: 'SCMP_ACT_ALLOW', ...conditions }],
});

function holds(
  conditions: Pick<ProfileRule, 'includes' | 'excludes'>,
  { capabilities = [], kernel = '6.1' }: { capabilities?: string[]; kernel?: string } = {},
): boolean {
  const host = { architecture: 'x64', capabilities, kernel: kernelVersion(kernel) } as const;
  return resolveProfile(rules(conditions), host).syscalls.length === 1;
}

test('a rule includes those that have all of its capabilities, and excludes those that have any', () => {
  const caps = ['CAP_BPF', 'CAP_PERFMON'];
  const counts = (conditions: Pick<ProfileRule, 'includes' | 'excludes'>) =>
    [[], ['CAP_BPF'], caps].map((capabilities) => holds(conditions, { capabilities }));
  expect(counts({ includes: { caps } })).toEqual([false, false, true]);
  expect(counts({ excludes: { caps } })).toEqual([true, false, false]);
  expect(counts({ includes: { caps: ['CAP_BPF'] }, excludes: { caps: ['CAP_PERFMON'] } })).toEqual([false, true, false]);
});

test('a rule is for any of its architectures', () => {
  expect(holds({ includes: { arches: ['arm64', 'amd64'] } })).toBe(true);
  expect(holds({ includes: { arches: ['arm64'] } })).toBe(false);
  expect(holds({ excludes: { arches: ['amd64'] } })).toBe(false);
  expect(holds({ excludes: { arches: ['s390', 's390x'] } })).toBe(true);
});

test('a kernel is compared by its two numbers', () => {
  const from = (kernel: string) => holds({ includes: { minKernel: '4.18' } }, { kernel });
  expect(['3.99', '4.9', '4.17.19', '4.18-rc1', '4.18.0-generic', '4.100', '5.0', '10.1'].map(from)).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
    true,
    true,
  ]);
  expect(holds({ excludes: { minKernel: '6.1' } }, { kernel: '6.1.187' })).toBe(false);
  expect(() => kernelVersion('linux')).toThrow('"linux" is not a kernel');
});

test('all that is asked for must be so', () => {
  const includes = { caps: ['CAP_BPF'], arches: ['amd64'], minKernel: '5.8' };
  expect(holds({ includes }, { capabilities: ['CAP_BPF'], kernel: '5.8' })).toBe(true);
  expect(holds({ includes }, { capabilities: ['CAP_BPF'], kernel: '5.7' })).toBe(false);
  expect(holds({ includes }, { kernel: '5.8' })).toBe(false);
});

test('what comes out is the runtime-spec’s form', () => {
  const profile: SeccompProfile = {
    ...rules({ includes: { caps: ['CAP_BPF'] } }),
    flags: ['SECCOMP_FILTER_FLAG_LOG'],
    archMap: [
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
    ],
  };
  const host = { architecture: 'x64', capabilities: ['CAP_BPF'], kernel: { major: 6, minor: 1 } } as const;
  expect(resolveProfile(profile, host)).toEqual({
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
    flags: ['SECCOMP_FILTER_FLAG_LOG'],
    syscalls: [{ names: ['bpf'], action: 'SCMP_ACT_ALLOW' }],
  });
  expect(() => resolveProfile(profile, { ...host, architecture: 's390x' })).toThrow(
    'no table of syscall numbers is written for s390x',
  );
});
