import { AT, AT_FDCWD, O } from '../abi/open.ts';
import { or } from '../abi/flags.ts';
import type { OciProcess } from '../oci/config.ts';
import type { Result } from '../program/argument.ts';
import type { Program } from '../program/program.ts';

/** Host paths of the FIFOs that a container writes to. */
export interface Stdio {
  stdout: string;
  stderr: string;
}

export interface OpenOutput {
  stdout: Result;
  stderr: Result;
}

/**
 * Opens the FIFOs while the host's paths are still there. O_RDWR: the container is then a reader of its own output too, so
 * that it waits where no supervisor reads, and never gets SIGPIPE.
 */
export function openOutput(program: Program, { stdout, stderr }: Stdio): OpenOutput {
  const flags = or(O, 'O_RDWR', 'O_NOCTTY', 'O_CLOEXEC');
  return {
    stdout: program.call('open the standard output', 'openat', [AT_FDCWD, stdout, flags], { as: 'stdout' }),
    stderr: program.call('open the standard error', 'openat', [AT_FDCWD, stderr, flags], { as: 'stderr' }),
  };
}

/** A user other than root can open them by name only as their owner. Programs that log to /dev/stdout do so. */
export function giveOutput(program: Program, { stdout, stderr }: OpenOutput, { uid, gid }: OciProcess['user']): void {
  if (uid === 0) return;
  for (const fd of [stdout, stderr]) {
    program.call(`give ${fd.name} to the user`, 'fchownat', [fd, '', uid, gid, or(AT, 'AT_EMPTY_PATH')]);
  }
}

/** dup3 without O_CLOEXEC: 0 to 2 are what stays open over the exec. */
export function placeStdio(program: Program, { stdout, stderr }: OpenOutput): void {
  // Of its own /dev, or of whose files it shares: who knows what that has there, so nothing is waited for.
  const flags = or(O, 'O_RDONLY', 'O_CLOEXEC', 'O_NOFOLLOW', 'O_NOCTTY', 'O_NONBLOCK');
  const stdin = program.call('open the standard input', 'openat', [AT_FDCWD, '/dev/null', flags], { as: 'stdin' });
  program.call('place the standard input', 'dup3', [stdin, 0, 0]);
  program.call('place the standard output', 'dup3', [stdout, 1, 0]);
  program.call('place the standard error', 'dup3', [stderr, 2, 0]);
}
