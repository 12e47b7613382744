import { FIONREAD } from '../abi/socket.ts';
import { Memory } from '../program/argument.ts';
import { runOrThrow } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';

/** Bytes that can be read of a pipe or socket now (pipe(7), unix(7)). */
export function readableBytes(fd: number): number {
  const length = new Memory(new Uint8Array(4), '&length');
  const program = new Program();
  program.call('see how much can be read', 'ioctl', [fd, FIONREAD, length]);
  program.end();
  using loaded = new LoadedProgram(program);
  runOrThrow(loaded);
  return new DataView(loaded.read(length).slice().buffer).getInt32(0, true);
}
