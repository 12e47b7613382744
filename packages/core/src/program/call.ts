import { SyscallError } from '../syscalls/syscall-error.ts';
import type { SyscallName } from '../abi/syscall-numbers.ts';
import type { Argument } from './argument.ts';
import { LoadedProgram, type Failure } from './load.ts';
import { Program } from './program.ts';

/** One syscall on this thread. Returns the kernel's answer: >= 0, or -errno. */
export function tryCall(syscall: SyscallName, ...args: readonly Argument[]): number {
  const program = new Program();
  program.call(syscall, syscall, args, { tolerate: 'any' });
  program.end();
  using loaded = new LoadedProgram(program);
  loaded.run();
  return loaded.result(0);
}

/** One syscall on this thread. Throws a SyscallError that begins with `purpose`. */
export function call(purpose: string, syscall: SyscallName, ...args: readonly Argument[]): number {
  const result = tryCall(syscall, ...args);
  if (result < 0) throw new SyscallError(syscall, -result, purpose);
  return result;
}

/** Plays a program on this thread and throws at the step that failed. */
export function runOrThrow(loaded: LoadedProgram): void {
  loaded.run();
  const { failure } = loaded;
  if (failure !== null) throw stepError(failure);
}

export function stepError({ step, errno }: Failure): SyscallError {
  return new SyscallError(step.syscall, errno, step.purpose);
}
