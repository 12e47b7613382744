import { or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import { Memory, type Argument } from './argument.ts';
import type { Program } from './program.ts';

/** One write of a text to a file that is there, as the kernel's own files take it. `directory`: what `path` is relative to. */
export function writeFile(program: Program, purpose: string, path: string, text: string, directory: Argument = AT_FDCWD): void {
  const file = program.call(purpose, 'openat', [directory, path, or(O, 'O_WRONLY', 'O_CLOEXEC')], { as: 'file' });
  const bytes = new TextEncoder().encode(text);
  program.call(purpose, 'write', [file, new Memory(bytes, JSON.stringify(text)), bytes.length]);
}
