import { AT_FDCWD } from '../abi/open.ts';
import { stepError } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { SyscallError } from '../syscalls/syscall-error.ts';
import type { Cgroup } from './cgroup.ts';

const AT_REMOVEDIR = { value: 0x200, text: 'AT_REMOVEDIR' } as const;

/**
 * Removes the cgroup from every hierarchy. It must be empty. What is gone already is fine; throws a SyscallError where a
 * directory stays (EBUSY: processes or child cgroups are in it), after trying all.
 */
export function removeCgroup(cgroup: Cgroup): void {
  const program = new Program();
  for (const mount of cgroup.mounts) {
    program.call(`remove cgroup ${mount}/${cgroup.path}`, 'unlinkat', [AT_FDCWD, `${mount}/${cgroup.path}`, AT_REMOVEDIR], {
      tolerate: 'any',
    });
  }
  program.end();
  using loaded = new LoadedProgram(program);
  loaded.run();
  program.steps.forEach((step, index) => {
    const errno = -loaded.result(index);
    if (step.syscall !== 'end' && errno > 0 && errno !== ENOENT) throw stepError({ step, index, errno });
  });
}

const ENOENT = 2;

/** The same where it may stay: somebody's processes or cgroups are in it, and they are not ours to clear. False: it stays. */
export function tryRemoveCgroup(cgroup: Cgroup): boolean {
  try {
    removeCgroup(cgroup);
    return true;
  } catch (error) {
    if (error instanceof SyscallError) return false;
    throw error;
  }
}
