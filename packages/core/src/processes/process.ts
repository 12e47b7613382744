import { readFileSync } from 'node:fs';
import { CLD_EXITED, PIDFD_GET_INFO, SIGINFO, WAIT } from '../abi/clone.ts';
import { EPOLL } from '../abi/epoll.ts';
import type { EventLoop } from '../events/event-loop.ts';
import { Memory } from '../program/argument.ts';
import { tryCall } from '../program/call.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';

/** include/linux/sched.h */
const PF_FORKNOEXEC = 0x40;

/** How a process ended. Both null: nobody can tell any more. */
export interface ProcessExit {
  /** 0 to 255, where it exited by itself. */
  code: number | null;
  /** Signal number, where one killed it. */
  signal: number | null;
}

/** A process held by its pidfd: a pid is reused, a pidfd is not. */
export class HeldProcess implements AsyncDisposable {
  readonly pid: number;
  /** Resolves when the process has ended; it is reaped then, where it is a child of ours. */
  readonly exited: Promise<ProcessExit>;
  readonly #pidfd: number;
  #open = true;

  constructor(loop: EventLoop, pid: number, pidfd: number) {
    this.pid = pid;
    this.#pidfd = pidfd;
    const { promise, resolve } = Promise.withResolvers<ProcessExit>();
    let watch = loop.watch(pidfd, EPOLL.EPOLLIN, () => {
      const exit = reap(pidfd);
      watch[Symbol.dispose]();
      if (exit !== 'not yet reaped') return end(exit);
      const told = exitOfZombie(pid);
      if (told !== null) return end(told);
      // A hang-up, which epoll always tells, says that its parent has reaped it.
      watch = loop.watch(pidfd, 0, () => {
        watch[Symbol.dispose]();
        end(exitOfStranger(pidfd) ?? UNKNOWN);
      });
    });
    const end = (exit: ProcessExit) => {
      this.#close();
      resolve(exit);
    };
    this.exited = promise;
  }

  /**
   * Takes over a process that another supervisor started: only if it is the same one still, by its start time in clock
   * ticks since boot (proc_pid_stat(5), field 22). Null where it has ended.
   */
  static adopt(loop: EventLoop, pid: number, startTime: string): HeldProcess | null {
    const pidfd = pid > 0 ? tryCall('pidfd_open', pid, 0) : -1;
    if (pidfd < 0) return null;
    // Read after the open: the descriptor then holds whatever process this is.
    if (processStartTime(pid) !== startTime) {
      tryCall('close', pidfd);
      return null;
    }
    return new HeldProcess(loop, pid, pidfd);
  }

  /** The descriptor; null once it is closed, with the end. */
  get pidfd(): number | null {
    return this.#open ? this.#pidfd : null;
  }

  /** Whether it has ended, reaped or not, and `exited` may not know yet. */
  get hasEnded(): boolean {
    // A pid is another's only after the reap, which the signal has seen.
    return !this.signal(0) || isZombie(this.pid);
  }

  /** Whether it runs a program, and not only what its maker cloned: PF_FORKNOEXEC (proc_pid_stat(5), field 9). */
  get hasExeced(): boolean {
    return (Number(statFields(this.pid)?.[6]) & PF_FORKNOEXEC) === 0;
  }

  /** Sends a signal; false where it has ended. */
  signal(signal: number): boolean {
    return this.#open && tryCall('pidfd_send_signal', this.#pidfd, signal, 0, 0) === 0;
  }

  /** Resolves when it has ended; it is not killed by this. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.exited;
  }

  #close(): void {
    this.#open = false;
    tryCall('close', this.#pidfd);
  }
}

/** Field 22 of /proc/<pid>/stat; with the pid it names a process for the life of this boot. Null: there is none. */
export function processStartTime(pid: number): string | null {
  return statFields(pid)?.[19] ?? null;
}

/** Ended, and not yet reaped by its parent. */
export function isZombie(pid: number): boolean {
  return statFields(pid)?.[0] === 'Z';
}

/** Field 52, the status as waitpid(2) gives it, which root may read. Init may take its time with reaping. */
function exitOfZombie(pid: number): ProcessExit | null {
  const fields = statFields(pid);
  return fields?.[0] === 'Z' ? fromWaitStatus(Number(fields[49])) : null;
}

function fromWaitStatus(status: number): ProcessExit {
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff, signal: null } : { code: null, signal };
}

/** proc_pid_stat(5) from the third field on, the state: the second, the command's name, may contain anything. */
export function statFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

const ECHILD = -10;
const UNKNOWN: ProcessExit = { code: null, signal: null };

function reap(pidfd: number): ProcessExit | 'not yet reaped' {
  const siginfo = new Memory(new Uint8Array(SIGINFO.size), '&siginfo');
  const program = new Program();
  program.call('reap', 'waitid', [WAIT.P_PIDFD, pidfd, siginfo, WAIT.WEXITED + WAIT.WNOHANG, 0], { tolerate: 'any' });
  program.end();
  using loaded = new LoadedProgram(program);
  loaded.run();
  if (loaded.result(0) === ECHILD) return exitOfStranger(pidfd) ?? 'not yet reaped';
  const info = new DataView(loaded.read(siginfo).slice().buffer);
  const status = info.getInt32(SIGINFO.status, true);
  return info.getInt32(SIGINFO.code, true) === CLD_EXITED ? { code: status, signal: null } : { code: null, signal: status };
}

/**
 * After a change of supervisors init reaps it; from then on the kernel tells the wait status to who holds a pidfd (Linux >=
 * 6.15). Null: not reaped yet. An older kernel has no such ioctl, and nobody can tell.
 */
function exitOfStranger(pidfd: number): ProcessExit | null {
  const info = new Memory(new Uint8Array(PIDFD_GET_INFO.size), '&info');
  new DataView(info.bytes.buffer).setBigUint64(PIDFD_GET_INFO.mask, BigInt(PIDFD_GET_INFO.PIDFD_INFO_EXIT), true);
  const program = new Program();
  program.call('ask how it ended', 'ioctl', [pidfd, PIDFD_GET_INFO.request, info], { tolerate: 'any' });
  program.end();
  using loaded = new LoadedProgram(program);
  loaded.run();
  const view = new DataView(loaded.read(info).slice().buffer);
  const known = (view.getBigUint64(PIDFD_GET_INFO.mask, true) & BigInt(PIDFD_GET_INFO.PIDFD_INFO_EXIT)) !== 0n;
  if (loaded.result(0) < 0) return UNKNOWN;
  if (!known) return null;
  return fromWaitStatus(view.getInt32(PIDFD_GET_INFO.exitCode, true));
}
