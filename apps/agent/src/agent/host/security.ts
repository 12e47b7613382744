import type { HostFeature } from '@plimsoll/protocol';
import { exists, feature, readText } from './feature.ts';

/** capabilities(7): the bit of CAP_SYS_RESOURCE. */
const CAP_SYS_RESOURCE = 24n;

export function reportSecurity(): HostFeature[] {
  const status = readText('/proc/self/status') ?? '';
  const effective = BigInt(`0x${status.match(/^CapEff:\s*([0-9a-f]+)$/m)?.[1] ?? '0'}`);
  return [
    feature(
      'seccomp',
      'a filter on the syscalls that a container may make',
      exists('/proc/sys/kernel/seccomp/actions_avail') ? null : 'this kernel was built without CONFIG_SECCOMP_FILTER',
    ),
    feature(
      'apparmor',
      'a second wall around a container that asks for one of the profiles loaded here',
      whyNoModule('apparmor'),
      describeProfiles(),
    ),
    feature(
      'selinux',
      "a second wall around a container that asks for a context of this host's policy",
      whyNoModule('selinux'),
      describePolicy(),
    ),
    feature(
      'CAP_SYS_RESOURCE',
      'limits above the ones that this process was given (open files, out-of-memory score)',
      (effective >> CAP_SYS_RESOURCE) & 1n ? null : 'the process that started Plimsoll does not have it',
    ),
  ];
}

/** Containers get none but by asking: Plimsoll loads no profile of its own. */
function describeProfiles(): string {
  const loaded = readText('/sys/kernel/security/apparmor/profiles')?.split('\n').filter(Boolean).length ?? 0;
  return loaded === 0 ? 'active, without a profile: apparmor_parser loads them' : `active, profiles loaded: ${loaded}`;
}

function describePolicy(): string {
  const enforcing = readText('/sys/fs/selinux/enforce');
  if (enforcing === null) return 'active; without selinuxfs at /sys/fs/selinux it cannot be seen whether it enforces';
  return enforcing === '1' ? 'active and enforcing' : 'active, but permissive: what the policy denies is logged and happens';
}

/** Why a security module does not watch over this host. Null: it does. */
export function whyNoModule(name: 'apparmor' | 'selinux'): string | null {
  const modules = readText('/sys/kernel/security/lsm')?.split(',') ?? null;
  if (modules === null) {
    return 'securityfs is not mounted at /sys/kernel/security, so it cannot be seen, or the kernel has no security modules';
  }
  return modules.includes(name)
    ? null
    : `not among the kernel's active security modules (${modules.join(', ')}); "lsm=" on its command line chooses them`;
}
