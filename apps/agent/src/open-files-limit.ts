import { readFileSync } from 'node:fs';

/** The soft RLIMIT_NOFILE, which Node raises to the hard one at its start, and which others may change (proc_pid_limits(5)). */
export function openFilesLimit(): number {
  const [, soft] = readFileSync('/proc/self/limits', 'latin1').match(/^Max open files +(\d+)/m) ?? [];
  return Number(soft ?? 1024);
}
