import { PlimsollError } from '@plimsoll/protocol';

/** What the host or this process has run out of, and where more is had (errno(3)). A SyscallError's message names the limit itself. */
const HINTS: Record<string, string> = {
  EMFILE: 'The supervisor has as many open files as it may: remove containers, or raise its `ulimit -n`.',
  ENFILE: 'The host has as many open files as it allows: raise fs.file-max by sysctl.',
  EAGAIN: 'A limit on processes is reached: look at pids.max of the cgroups above, and kernel.threads-max.',
  ENOMEM: 'The host is out of memory: end something, or give its containers limits.',
};

/** A limit that others may have used up, in words; null for any other error. It was not carried out. */
export function resourceFailure(error: unknown): PlimsollError | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const hint = HINTS[code];
  if (hint === undefined || !(error instanceof Error)) return null;
  return new PlimsollError('too-many', error.message, { hint, cause: error });
}
