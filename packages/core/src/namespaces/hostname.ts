import { CLONE } from '../abi/clone.ts';
import { or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import { UTSNAME } from '../abi/utsname.ts';
import { Memory } from '../program/argument.ts';
import { closeLeftOpen } from '../program/call.ts';
import { Label } from '../program/label.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { namespacePath } from './types.ts';

/**
 * The host name that a process sees. No file of /proc tells it of another uts namespace: this thread goes there, asks and
 * comes back, all in one program. Null: the process has ended, or this one may not (setns(2): CAP_SYS_ADMIN over it).
 */
export function hostnameSeenBy(pid: number): string | null {
  const names = new Memory(new Uint8Array(UTSNAME.size), '&names');
  const program = new Program();
  const back = new Label();
  const flags = or(O, 'O_RDONLY', 'O_CLOEXEC');
  const uts = or(CLONE, 'CLONE_NEWUTS');
  const home = program.call('hold the own uts namespace', 'openat', [AT_FDCWD, '/proc/thread-self/ns/uts', flags]);
  const there = program.call('open the other', 'openat', [AT_FDCWD, namespacePath(pid, 'uts'), flags]);
  program.onError = back;
  program.call('go there', 'setns', [there, uts]);
  const asked = program.call('ask for the names', 'uname', [names]);
  program.onError = undefined;
  program.place(back);
  program.call('come back', 'setns', [home, uts]);
  program.call('let go of the other', 'close', [there]);
  program.call('let go of the own', 'close', [home]);
  program.end();
  using loaded = new LoadedProgram(program);
  const done = loaded.run();
  if (!done) closeLeftOpen(loaded, program);
  if (loaded.failure !== null || loaded.result(asked.step) < 0) return null;
  const name = loaded.read(names).subarray(UTSNAME.nodename, UTSNAME.nodename + UTSNAME.length);
  return Buffer.from(name.subarray(0, name.indexOf(0))).toString();
}
