import type { Argument } from '../program/argument.ts';
import type { Program } from '../program/program.ts';
import { writeFile } from '../program/write-file.ts';

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
      program.call(`set ${name}`, 'setdomainname', [value, Buffer.byteLength(value)]);
      continue;
    }
    writeFile(program, `set ${name}`, `sys/${path}`, value, proc);
  }
}
