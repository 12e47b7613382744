import { SIGCHLD } from '../abi/clone.ts';
import type { Named } from '../abi/flags.ts';
import { Words, type Within, type Argument, type Memory } from '../program/argument.ts';

/** struct clone_args, CLONE_ARGS_SIZE_VER2 (clone(2)): 11 words, the cgroup's descriptor last. */
export const CLONE_ARGS_BYTES = 88;

/**
 * clone3's argument. `pid`: with CLONE_PARENT_SETTID the kernel writes the child's there before either side goes on, and so also
 * where nobody lives to read the result; the same goes for `pidfd` and CLONE_PIDFD. `signal`: SIGCHLD to the parent; with CLONE_PARENT none may be given, since it is
 * that of who calls.
 */
export function cloneArguments(
  flags: Named,
  { pid, pidfd, cgroup, signal }: { pid?: Memory; pidfd?: Memory | Within; cgroup?: Argument; signal?: boolean },
): Words {
  return new Words(
    [flags, pidfd ?? 0, 0, pid ?? 0, signal === true ? SIGCHLD : 0, 0, 0, 0, 0, 0, cgroup ?? 0],
    `{${flags.text}}`,
  );
}
