/**
 * What reading the files of a process that has ended, or is about to, fails with. ENOENT: reaped; ESRCH: between end and reaping;
 * EACCES: it has no memory any more to check a right against (ptrace(2), "Ptrace access mode checking"); EINVAL, EBADF: its
 * descriptors or namespaces are gone.
 */
const CODES = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EINVAL', 'EBADF', 'ENODEV']);

/** Whether reading /proc/<pid>, or a cgroup, failed as it does when that has just ended. */
export function isOfEnded(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CODES.has(String(error.code));
}

/** What `read` returns; null where the process it reads of has ended. Any other error is thrown. */
export function unlessEnded<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (isOfEnded(error)) return null;
    throw error;
  }
}
