import { SOCKET } from '../abi/socket.ts';
import { Memory } from '../program/argument.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';

/**
 * The process that connected, or listened, at the other end of a unix socket (unix(7), SO_PEERCRED): the kernel noted it then.
 * Null: this is no such socket, or that process is outside of this pid namespace.
 */
export function peerPid(fd: number): number | null {
  const credentials = new Memory(new Uint8Array(SOCKET.ucredBytes), '&credentials');
  const length = new Memory(Uint8Array.of(SOCKET.ucredBytes, 0, 0, 0), '&length');
  const program = new Program();
  program.call('ask who is there', 'getsockopt', [fd, SOCKET.SOL_SOCKET, SOCKET.SO_PEERCRED, credentials, length], {
    tolerate: 'any',
  });
  program.end();
  using loaded = new LoadedProgram(program);
  loaded.run();
  if (loaded.result(0) < 0) return null;
  const pid = new DataView(loaded.read(credentials).slice().buffer).getInt32(0, true);
  return pid > 0 ? pid : null;
}
