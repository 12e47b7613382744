import { CLONE, SIGCHLD } from '../abi/clone.ts';
import { or } from '../abi/flags.ts';
import { PR, SIG_SETMASK, SIGSET_BYTES } from '../abi/prctl.ts';
import { dieWithSupervisor } from '../processes/parent-death.ts';
import { arena } from '../program/arena.ts';
import { Memory, Words, type Result } from '../program/argument.ts';
import { Field, Label } from '../program/label.ts';
import { Program } from '../program/program.ts';
import { unmapAllBut } from './address-space.ts';

const ADDRESS_BYTES = 8;
const CLONE_ARGS_BYTES = 88;

export interface ZygoteProgram {
  program: Program;
  clone: Result;
  pidfd: Memory;
  /** Where a program that it plays jumps when done. */
  done: Label;
}

/** The program that makes a zygote: the parent's side ends at once; the child's waits for addresses on `commands`. */
export function zygoteProgram(commands: number, answers: number): ZygoteProgram {
  const program = new Program();
  const [parent, loop, jumper, done, failed] = [new Label(), new Label(), new Label(), new Label(), new Label()];
  const setMask = { value: SIG_SETMASK, text: 'SIG_SETMASK' };
  const every = new Memory(new Uint8Array(SIGSET_BYTES).fill(0xff), '[every signal]');
  const before = new Memory(new Uint8Array(SIGSET_BYTES), 'before');
  const pidfd = new Memory(new Uint8Array(4), '&pidfd');
  const flags = or(CLONE, 'CLONE_PIDFD', 'CLONE_FILES', 'CLONE_CLEAR_SIGHAND');

  // No signal handler of Node's may ever run in the child: it would be JavaScript's. The mask stays there for good.
  program.call('block signals', 'rt_sigprocmask', [setMask, every, before, SIGSET_BYTES]);
  const args = new Words([flags, pidfd, 0, 0, SIGCHLD, 0, 0, 0, 0, 0, 0], `{${flags.text}, SIGCHLD}`);
  const clone = program.call('make a zygote', 'clone3', [args, CLONE_ARGS_BYTES], { jump: parent });

  program.onError = failed;
  dieWithSupervisor(program);
  program.call('take a name', 'prctl', [{ value: PR.PR_SET_NAME, text: 'PR_SET_NAME' }, 'plimsoll-zygote', 0, 0, 0]);
  const { address, length } = arena();
  unmapAllBut(program, { from: address, to: address + length });
  program.place(loop);
  program.call('wait for a program', 'read', [commands, new Field(jumper, 'jump'), ADDRESS_BYTES], { jump: jumper });
  program.call('end', 'exit_group', [0]);
  // The read above has written where this jumps to; a process id is always positive.
  program.place(jumper);
  program.call('play it', 'getpid', []);
  program.place(done);
  program.call('tell that it is done', 'write', [answers, new Memory(new Uint8Array(1), '""'), 1], { jump: loop });
  program.place(failed);
  program.onError = undefined;
  program.call('end', 'exit_group', [1]);

  program.place(parent);
  program.call('unblock signals', 'rt_sigprocmask', [setMask, before, 0, SIGSET_BYTES]);
  program.end();
  return { program, clone, pidfd, done };
}
