import { or } from '../abi/flags.ts';
import { O } from '../abi/open.ts';
import { Memory } from '../program/argument.ts';
import { runOrThrow } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';

/** A close-on-exec pipe; the caller closes both ends. */
export function makePipe(): { read: number; write: number } {
  const ends = new Memory(new Uint8Array(8), 'ends');
  const program = new Program();
  program.call('make a pipe', 'pipe2', [ends, or(O, 'O_CLOEXEC')]);
  program.end();
  using loaded = new LoadedProgram(program);
  runOrThrow(loaded);
  const view = new DataView(loaded.read(ends).slice().buffer);
  return { read: view.getInt32(0, true), write: view.getInt32(4, true) };
}
