import type { SyscallName } from '../abi/syscall-numbers.ts';
import { Memory, type Argument } from '../program/argument.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';

/** One syscall whose last argument is a struct that the kernel reads or writes: its answer, and a copy of the struct after it. */
export function exchange(
  syscall: SyscallName,
  args: readonly Argument[],
  data: Uint8Array,
): { result: number; bytes: Uint8Array } {
  const memory = new Memory(data, '&data');
  const program = new Program();
  program.call(syscall, syscall, [...args, memory], { tolerate: 'any' });
  program.end();
  using loaded = new LoadedProgram(program);
  loaded.run();
  return { result: loaded.result(0), bytes: loaded.read(memory).slice() };
}
