import { readFileSync } from 'node:fs';
import { CLONE, SIGCHLD } from '../abi/clone.ts';
import { or } from '../abi/flags.ts';
import { PR, SIG_SETMASK, SIGSET_BYTES } from '../abi/prctl.ts';
import { arena } from '../program/arena.ts';
import { Memory, Words, type Result } from '../program/argument.ts';
import { Field, Label } from '../program/label.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { mappedRunner, PAGE_BYTES } from '../syscalls/memory.ffi.ts';

const SIGKILL = 9;
const ADDRESS_BYTES = 8;
const CLONE_ARGS_BYTES = 88;
/** End of user addresses with 4-level page tables (Documentation/arch/x86/x86_64/mm.rst); munmap past it is refused. */
const TASK_SIZE = 0x7fff_ffff_f000;
const ARCH_GET_FS = { value: 0x1003, text: 'ARCH_GET_FS' } as const;

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
  program.call('die with the supervisor', 'prctl', [{ value: PR.PR_SET_PDEATHSIG, text: 'PR_SET_PDEATHSIG' }, SIGKILL, 0, 0, 0]);
  program.call('take a name', 'prctl', [{ value: PR.PR_SET_NAME, text: 'PR_SET_NAME' }, 'plimsoll-zygote', 0, 0, 0]);
  for (const { from, to } of gaps(keptRanges())) program.call('let go of memory', 'munmap', [from, to - from]);
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

interface Range {
  from: number;
  to: number;
}

/**
 * What a zygote keeps of the address space: the runner, the arena, and the pages around the thread pointer, since the
 * kernel writes to the rseq area that libc registered there whenever the thread is preempted (rseq(2)).
 */
function keptRanges(): Range[] {
  const { address, length } = arena();
  const runner = mappedRunner().address;
  const thread = threadPointer();
  const maps = readFileSync('/proc/self/maps', 'latin1')
    .split('\n')
    .map((line) => /^([0-9a-f]+)-([0-9a-f]+) /.exec(line));
  const around = maps
    .map((match) => ({ from: Number.parseInt(match?.[1] ?? '0', 16), to: Number.parseInt(match?.[2] ?? '0', 16) }))
    .filter(({ from, to }) => from <= thread + PAGE_BYTES && thread - PAGE_BYTES < to);
  return [{ from: address, to: address + length }, { from: runner, to: runner + PAGE_BYTES }, ...around];
}

function gaps(kept: readonly Range[]): Range[] {
  const result: Range[] = [];
  let from = 0;
  for (const range of kept.toSorted((a, b) => a.from - b.from)) {
    if (range.from > from) result.push({ from, to: range.from });
    from = Math.max(from, range.to);
  }
  result.push({ from, to: TASK_SIZE });
  return result;
}

/** The fs register: glibc's struct pthread, with the rseq area beside it. */
function threadPointer(): number {
  const pointer = new Memory(new Uint8Array(8), '&pointer');
  const program = new Program();
  program.call('find the thread pointer', 'arch_prctl', [ARCH_GET_FS, pointer]);
  program.end();
  using loaded = new LoadedProgram(program);
  loaded.run();
  return Number(new DataView(loaded.read(pointer).slice().buffer).getBigUint64(0, true));
}
