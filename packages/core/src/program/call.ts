import { SyscallError } from '../syscalls/syscall-error.ts';
import type { SyscallName } from '../abi/syscall-numbers.ts';
import { Result, type Argument } from './argument.ts';
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

/** Closes what the steps of a failed program had opened in this process, and come to no closing of. */
export function closeLeftOpen(loaded: LoadedProgram, { steps }: Program): void {
  const failed = loaded.failure?.index ?? steps.length;
  const open = new Set<number>();
  steps.slice(0, failed).forEach(({ syscall, arguments: [first] }, index) => {
    if (syscall === 'openat' && loaded.result(index) >= 0) open.add(index);
    if (syscall === 'close' && first instanceof Result) open.delete(first.step);
  });
  for (const index of open) tryCall('close', loaded.result(index));
}

export function stepError({ step, errno }: Failure): SyscallError {
  return new SyscallError(step.syscall, errno, step.purpose);
}
