import { AT, AT_FDCWD, O } from '../abi/open.ts';
import { or } from '../abi/flags.ts';
import type { OciProcess } from '../oci/config.ts';
import type { Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';

/** Host paths of the FIFOs that a container reads from and writes to. Without `stdin` it reads nothing. */
export interface Stdio {
  stdin?: string;
  stdout: string;
  stderr: string;
}

export interface OpenStdio {
  stdin: Result | null;
  stdout: Result;
  stderr: Result;
}

/**
 * Opens the FIFOs while the host's paths are still there. O_RDWR: the container is then a reader of its own output too, so
 * that it waits where no supervisor reads, and never gets SIGPIPE.
 */
export function openStdio(program: Program, { stdin, stdout, stderr }: Stdio): OpenStdio {
  const flags = or(O, 'O_RDWR', 'O_NOCTTY', 'O_CLOEXEC');
  // To read alone: otherwise it never came to an end. The supervisor has it open to write, so that this does not wait.
  const reading = or(O, 'O_RDONLY', 'O_NOCTTY', 'O_CLOEXEC');
  return {
    stdin:
      stdin === undefined ? null : program.call('open the standard input', 'openat', [AT_FDCWD, stdin, reading], { as: 'stdin' }),
    stdout: program.call('open the standard output', 'openat', [AT_FDCWD, stdout, flags], { as: 'stdout' }),
    stderr: program.call('open the standard error', 'openat', [AT_FDCWD, stderr, flags], { as: 'stderr' }),
  };
}

/** For a user that is not root to open them again by name, as programs do that log to /dev/stdout. */
export function giveStdio(program: Program, { stdin, stdout, stderr }: OpenStdio, { uid, gid }: OciProcess['user']): void {
  if (uid === 0) return;
  for (const fd of [...(stdin === null ? [] : [stdin]), stdout, stderr]) {
    program.call(`give ${fd.name} to the user`, 'fchownat', [fd, '', uid, gid, or(AT, 'AT_EMPTY_PATH')]);
  }
}

/** dup3 without O_CLOEXEC: 0 to 2 are what stays open over the exec. */
export function placeStdio(program: Program, { stdin, stdout, stderr }: OpenStdio): void {
  program.call('place the standard input', 'dup3', [stdin ?? openNothing(program), 0, 0]);
  program.call('place the standard output', 'dup3', [stdout, 1, 0]);
  program.call('place the standard error', 'dup3', [stderr, 2, 0]);
}

/** Of its own /dev, or of whose files it shares: what that has there is not known, so nothing is waited for. */
function openNothing(program: Program): Result {
  const flags = or(O, 'O_RDONLY', 'O_CLOEXEC', 'O_NOFOLLOW', 'O_NOCTTY', 'O_NONBLOCK');
  return program.call('open the standard input', 'openat', [AT_FDCWD, '/dev/null', flags], { as: 'stdin' });
}
