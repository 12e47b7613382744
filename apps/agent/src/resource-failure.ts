import { PlimsollError } from '@plimsoll/protocol';

/** What the host or this process has run out of, and where more is had (errno(3)). A SyscallError's message names the limit itself. */
const HINTS: Record<string, string> = {
  EMFILE:
    'This process of Plimsoll has as many open files as it may: close connections, remove containers, or raise `ulimit -n`.',
  ENFILE: 'The host has as many open files as it allows: raise fs.file-max by sysctl.',
  EAGAIN: 'A limit on processes is reached: look at pids.max of the cgroups above, and kernel.threads-max.',
  ENOMEM: 'The host is out of memory: end something, or give its containers limits.',
};
const MOST_CAUSES = 8;

/** A limit that others may have used up, in words; null for any other error. It was not carried out. */
export function resourceFailure(error: unknown): PlimsollError | null {
  for (let depth = 0; error instanceof Error && depth < MOST_CAUSES; depth++, error = beneath(error)) {
    const hint = 'code' in error ? HINTS[String(error.code)] : undefined;
    if (hint !== undefined) return new PlimsollError('too-many', error.message, { hint, cause: error });
  }
  return null;
}

/** What failed first, where undoing it failed as well. */
function beneath(error: Error): unknown {
  return error instanceof SuppressedError ? error.suppressed : error.cause;
}
