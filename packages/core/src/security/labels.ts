import { existsSync, readFileSync } from 'node:fs';
import { InvalidConfig } from '../oci/check.ts';
import type { OciProcess } from '../oci/config.ts';
import type { Program } from '../program/program.ts';
import { writeFile } from '../program/write-file.ts';
import type { SyscallError } from '../syscalls/syscall-error.ts';

const MODULES = '/sys/kernel/security/lsm';
const OWN_ATTRIBUTES = '/proc/thread-self/attr';
const PURPOSES = {
  appArmor: (profile: string) => `enter the AppArmor profile ${profile} at exec`,
  seLinux: (context: string) => `enter the SELinux context ${context} at exec`,
};

/**
 * Has the exec at the end of a start enter an AppArmor profile or a SELinux context. Both are told to the kernel through the
 * host's /proc, by the host's root, and go down to the first process by fork: no file that a container could have laid is
 * ever written to (CVE-2025-52881).
 */
export function setLabels(program: Program, { apparmorProfile, selinuxLabel }: OciProcess): void {
  if (apparmorProfile !== undefined && apparmorProfile !== 'unconfined') {
    // Linux 5.8 has a directory of AppArmor's own; the file beside it is that of whichever module came first.
    const own = `${OWN_ATTRIBUTES}/apparmor/exec`;
    const path = existsSync(`${OWN_ATTRIBUTES}/apparmor`) ? own : `${OWN_ATTRIBUTES}/exec`;
    writeFile(program, PURPOSES.appArmor(apparmorProfile), path, `exec ${apparmorProfile}`);
  }
  if (selinuxLabel !== undefined) {
    writeFile(program, PURPOSES.seLinux(selinuxLabel), `${OWN_ATTRIBUTES}/exec`, selinuxLabel);
  }
}

/** Why the kernel did not take a label, where the errno of that step tells more than its name does. */
export function whyLabelRefused({ purpose, code }: SyscallError, { apparmorProfile, selinuxLabel }: OciProcess): string | null {
  if (apparmorProfile !== undefined && purpose === PURPOSES.appArmor(apparmorProfile) && code === 'ENOENT') {
    return 'no profile of that name is loaded on this host';
  }
  if (selinuxLabel !== undefined && purpose === PURPOSES.seLinux(selinuxLabel) && code === 'EINVAL') {
    return 'the policy of this host has no such context';
  }
  return null;
}

/** Throws InvalidConfig where a label is asked for that no module of this kernel would enforce. */
export function requireLabels({ apparmorProfile, selinuxLabel }: OciProcess): void {
  const needs = [
    ['process.apparmorProfile', 'AppArmor', 'apparmor', apparmorProfile === 'unconfined' ? undefined : apparmorProfile],
    ['process.selinuxLabel', 'SELinux', 'selinux', selinuxLabel],
  ] as const;
  for (const [property, name, module, label] of needs) {
    if (label !== undefined && !activeModules().includes(module)) {
      throw new InvalidConfig(property, `asks for a label, and ${name} is not active on this host`);
    }
  }
}

let modules: string[] | undefined;

/** The security modules that this kernel was booted with; none where securityfs is not mounted and so cannot tell. */
function activeModules(): string[] {
  modules ??= existsSync(MODULES) ? readFileSync(MODULES, 'latin1').trim().split(',') : [];
  return modules;
}
