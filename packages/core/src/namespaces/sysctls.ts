import type { Argument } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import { writeFile } from '../program/write-file.ts';
import type { SyscallError } from '../syscalls/syscall-error.ts';

/**
 * `proc`: descriptor of the procfs that these very steps have mounted, and so no other file system however an image is made
 * (CVE-2025-52881).
 */
export function setSysctls(program: Program, sysctls: Readonly<Record<string, string>>, proc: Argument): void {
  for (const [name, value] of Object.entries(sysctls)) {
    // With a slash in it, a name's dots are part of what lies between.
    const path = name.includes('/') ? name : name.replaceAll('.', '/');
    if (path === 'kernel/domainname') {
      // Its file is the host's root's in every user namespace (kernel/utsname_sysctl.c).
      program.call(purposeOf(name), 'setdomainname', [value, Buffer.byteLength(value)]);
      continue;
    }
    writeFile(program, purposeOf(name), `sys/${path}`, value, proc);
  }
}

function purposeOf(name: string): string {
  return `set ${name}`;
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'this kernel has no such sysctl in a namespace',
  EACCES: "the kernel leaves it to the host's root",
  EPERM: "the kernel leaves it to the host's root",
  EINVAL: 'the kernel does not take this value',
  ERANGE: 'the kernel does not take this value',
};

/** What the errno alone does not say; null where there is nothing to add. */
export function whySysctlRefused({ purpose, code }: SyscallError, sysctls: Readonly<Record<string, string>> = {}): string | null {
  return Object.keys(sysctls).some((name) => purpose === purposeOf(name)) ? (WHY[code] ?? null) : null;
}
