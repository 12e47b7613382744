import { CLONE } from '../abi/clone.ts';
import { EPOLL_CLOEXEC, EPOLL_EVENT } from '../abi/epoll.ts';
import { or } from '../abi/flags.ts';
import { PR, SIG_SETMASK, SIGSET_BYTES } from '../abi/prctl.ts';
import type { EventLoop } from '../events/event-loop.ts';
import { HeldProcess } from '../processes/process.ts';
import { allocateApart } from '../program/arena.ts';
import { Memory, Within } from '../program/argument.ts';
import { call, runOrThrow, tryCall } from '../program/call.ts';
import { Label } from '../program/label.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { UnsupportedArchitecture } from '../syscalls/unsupported.ts';
import { unmapAllBut } from '../zygote/address-space.ts';
import { CLONE_ARGS_BYTES, cloneArguments } from '../zygote/clone-arguments.ts';
import { makeEndLog } from './end-log.ts';
import { END_RECORD, KEEPER_NAME, KEPT_DESCRIPTORS } from './format.ts';
import { makeQueue } from './queue.ts';

/** What the keeper's program takes, with room. */
const PROGRAM_BYTES = 16 * 1024;
const CLOCK_REALTIME = { value: 0, text: 'CLOCK_REALTIME' } as const;
const CLOCK_MONOTONIC = { value: 1, text: 'CLOCK_MONOTONIC' } as const;
const FIRST_FD_TO_CLOSE = 4;
const ALL_FDS = { value: 0xffff_ffff, text: '~0U' } as const;

/** A supervisor's descriptors of what a keeper has; KEPT_DESCRIPTORS says what each is. */
export type KeeperDescriptors = Record<keyof typeof KEPT_DESCRIPTORS, number>;

export function makeDescriptors(owner: string): KeeperDescriptors {
  return {
    ...makeQueue(),
    epoll: call('make an epoll instance', 'epoll_create1', EPOLL_CLOEXEC),
    ends: makeEndLog(owner),
  };
}

export function closeDescriptors(descriptors: KeeperDescriptors): void {
  for (const fd of Object.values(descriptors)) tryCall('close', fd);
}

/**
 * Makes a keeper: a child in a session of its own that has these descriptors and no other, and of this process's memory nothing but
 * its program. It waits in the epoll instance, and writes a record to the log for each event. It lives on when this process dies.
 */
export function startKeeper(loop: EventLoop, descriptors: KeeperDescriptors): HeldProcess {
  using pages = allocateApart(PROGRAM_BYTES);
  const child = { pid: new Memory(new Uint8Array(4), '&pid'), pidfd: new Memory(new Uint8Array(4), '&pidfd') };
  const program = keeperProgram(descriptors, child, { from: pages.address, to: pages.address + PROGRAM_BYTES });
  const loaded = new LoadedProgram(program, { into: pages });
  runOrThrow(loaded);
  const [pid = 0, pidfd = -1] = [child.pid, child.pidfd].map((stored) => Buffer.from(loaded.read(stored)).readInt32LE());
  return new HeldProcess(loop, pid, pidfd);
}

function keeperProgram(
  descriptors: KeeperDescriptors,
  child: { pid: Memory; pidfd: Memory },
  pages: { from: number; to: number },
): Program {
  const program = new Program();
  const [parent, loop, ended, failed] = [new Label(), new Label(), new Label(), new Label()];
  const setMask = { value: SIG_SETMASK, text: 'SIG_SETMASK' };
  const every = new Memory(new Uint8Array(SIGSET_BYTES).fill(0xff), '[every signal]');
  const before = new Memory(new Uint8Array(SIGSET_BYTES), 'before');
  // As in a zygote: no signal handler of Node's may run in the child. The mask stays there for good.
  program.call('block signals', 'rt_sigprocmask', [setMask, every, before, SIGSET_BYTES]);
  // The pid is not that step's result: the child overwrites it with its own.
  const flags = or(CLONE, 'CLONE_PIDFD', 'CLONE_PARENT_SETTID', 'CLONE_CLEAR_SIGHAND');
  const args = cloneArguments(flags, { ...child, signal: true });
  program.call('make a keeper', 'clone3', [args, CLONE_ARGS_BYTES], { jump: parent });
  program.onError = failed;
  program.call('begin a session', 'setsid', []);
  program.call('leave the working directory', 'chdir', ['/']);
  for (const [name, number] of Object.entries(KEPT_DESCRIPTORS)) {
    program.call(`keep its ${name}`, 'dup3', [descriptors[name as keyof KeeperDescriptors], number, 0]);
  }
  program.call("close the supervisor's descriptors", 'close_range', [FIRST_FD_TO_CLOSE, ALL_FDS, 0]);
  // By which it is found: last, when its descriptors are there.
  program.call('take a name', 'prctl', [{ value: PR.PR_SET_NAME, text: 'PR_SET_NAME' }, KEEPER_NAME, 0, 0, 0]);
  unmapAllBut(program, pages);
  program.place(loop);
  const { record, event } = endRecord();
  const wait = [KEPT_DESCRIPTORS.epoll, event, 1, -1, 0, SIGSET_BYTES] as const;
  program.call('wait for an end', 'epoll_pwait', wait, { jump: ended });
  program.call('wait again', 'getpid', [], { jump: loop });
  program.place(ended);
  for (const [clock, at] of [
    [CLOCK_REALTIME, END_RECORD.realtime],
    [CLOCK_MONOTONIC, END_RECORD.monotonic],
  ] as const) {
    program.call('see when', 'clock_gettime', [clock, new Within(record, at, '&time')]);
  }
  // Where memory is short the record is missing, and the time of this end is not known.
  program.call('record it', 'write', [KEPT_DESCRIPTORS.ends, record, END_RECORD.size], { tolerate: 'any', jump: loop });
  program.call('wait again', 'getpid', [], { jump: loop });
  program.place(failed);
  program.onError = undefined;
  program.call('end', 'exit_group', [1]);
  program.place(parent);
  program.call('unblock signals', 'rt_sigprocmask', [setMask, before, 0, SIGSET_BYTES]);
  program.end();
  return program;
}

/** The record that is about to be written, and where in it the kernel puts the event. */
function endRecord(): { record: Memory; event: Within } {
  const layout = EPOLL_EVENT[process.arch];
  if (layout === undefined) throw new UnsupportedArchitecture();
  const record = new Memory(new Uint8Array(END_RECORD.size), 'record');
  return { record, event: new Within(record, END_RECORD.key - layout.data, '&event') };
}
