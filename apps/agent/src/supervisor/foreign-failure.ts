import { CgroupTimeout } from '@plimsoll/core';
import { PlimsollError } from '@plimsoll/protocol';
import type { ForeignVerb } from './foreign-guard.ts';
import { goneError } from './foreign-layout.ts';

const IN_VAIN: Record<ForeignVerb, string> = {
  freeze: 'it was let go again: a process in it does not come to a point at which it can be frozen',
  thaw: 'it is still frozen',
  kill: 'processes in it are still there: those that wait inside the kernel end when that wait does',
};

/** What a person can do something about, of what may go wrong at the kernel; anything else as it is. */
export function foreignFailure(error: unknown, doing: ForeignVerb, path: string): unknown {
  if (error instanceof PlimsollError) return error;
  if (error instanceof CgroupTimeout) {
    const message = `cannot ${doing} cgroup "${path}" in time; ${IN_VAIN[doing]}`;
    return new PlimsollError('deadline-exceeded', message, { hint: 'Look at its processes, then try again.', cause: error });
  }
  switch ((error as NodeJS.ErrnoException).code) {
    // ENODEV: removed between open and read or write.
    case 'ENOENT':
    case 'ENODEV':
      return goneError(path);
    // cgroups(7): a threaded cgroup has no processes of its own to kill.
    case 'EOPNOTSUPP':
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new PlimsollError(
        'unsupported-on-host',
        `the kernel will not ${doing} cgroup "${path}" (${(error as Error).message})`,
        {
          hint: 'A threaded cgroup, or a hierarchy that is mounted read-only, is left to those who made it.',
          cause: error,
        },
      );
    default:
      return error;
  }
}
