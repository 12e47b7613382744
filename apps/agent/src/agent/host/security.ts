import type { HostFeature } from '@plimsoll/protocol';
import { exists, feature, readText } from './feature.ts';

/** capabilities(7): the bit of CAP_SYS_RESOURCE. */
const CAP_SYS_RESOURCE = 24n;

export function reportSecurity(): HostFeature[] {
  const modules = readText('/sys/kernel/security/lsm')?.split(',') ?? null;
  const status = readText('/proc/self/status') ?? '';
  const effective = BigInt(`0x${status.match(/^CapEff:\s*([0-9a-f]+)$/m)?.[1] ?? '0'}`);
  return [
    feature(
      'seccomp',
      'a filter on the syscalls that a container may make',
      exists('/proc/sys/kernel/seccomp/actions_avail') ? null : 'this kernel was built without CONFIG_SECCOMP_FILTER',
    ),
    ...(['apparmor', 'selinux'] as const).map((name) =>
      feature(name, 'a second wall around every container, by a label', whyNoModule(modules, name), 'active'),
    ),
    feature(
      'CAP_SYS_RESOURCE',
      'limits above the ones that this process was given (open files, out-of-memory score)',
      (effective >> CAP_SYS_RESOURCE) & 1n ? null : 'the process that started Plimsoll does not have it',
    ),
  ];
}

function whyNoModule(modules: string[] | null, name: string): string | null {
  if (modules === null) {
    return 'securityfs is not mounted at /sys/kernel/security, so it cannot be seen, or the kernel has no security modules';
  }
  return modules.includes(name)
    ? null
    : `not among the kernel's active security modules (${modules.join(', ')}); "lsm=" on its command line chooses them`;
}
