import { SECCOMP_SET_MODE_FILTER } from '../../abi/seccomp.ts';
import { Memory, Words } from '../../program/argument.ts';
import type { Program } from '../../program/program.ts';
import type { SeccompFilter } from './compile.ts';

/**
 * From here on every syscall of the program is filtered, the rest of the start and its exec among them. The kernel wants
 * no_new_privs or CAP_SYS_ADMIN for it (seccomp(2)).
 */
export function loadFilter(program: Program, { program: code, instructions, flags }: SeccompFilter): void {
  // struct sock_fprog: a u16 and, at 8, the instructions.
  const fprog = new Words([instructions, new Memory(code, `[${instructions} instructions]`)], `{${instructions} instructions}`);
  const mode = { value: SECCOMP_SET_MODE_FILTER, text: 'SECCOMP_SET_MODE_FILTER' };
  program.call('filter the syscalls', 'seccomp', [mode, flags, fprog]);
}
