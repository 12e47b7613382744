import { performance } from 'node:perf_hooks';
import { EventLoop } from '@plimsoll/core';
import { HeldProcess } from '../../../packages/core/src/processes/process.ts';
import { CLONE } from '../../../packages/core/src/abi/clone.ts';
import { or } from '../../../packages/core/src/abi/flags.ts';
import { Memory, strings, Words } from '../../../packages/core/src/program/argument.ts';
import { Label } from '../../../packages/core/src/program/label.ts';
import { Program } from '../../../packages/core/src/program/program.ts';
import { Zygote } from '../../../packages/core/src/zygote/zygote.ts';

/**
 * Runs commands as cheaply as this machine can: from a zygote, not from Node, whose fork alone takes as long as a small
 * program. A peer is charged for what it does itself.
 */
export class CommandTimer implements AsyncDisposable {
  readonly #loop = new EventLoop();
  readonly #zygote = new Zygote(this.#loop);

  /** Milliseconds from before the clone until the command has ended with 0. */
  async time(path: string, args: readonly string[]): Promise<number> {
    const program = new Program();
    const [parent, died] = [new Label(), new Label()];
    const pidfd = new Memory(new Uint8Array(4), '&pidfd');
    const flags = or(CLONE, 'CLONE_PARENT', 'CLONE_VFORK', 'CLONE_PIDFD', 'CLONE_CLEAR_SIGHAND');
    program.onError = parent;
    const clone = program.call('clone', 'clone3', [new Words([flags, pidfd, 0, 0, 0, 0, 0, 0, 0, 0, 0], ''), 88], {
      jump: parent,
    });
    program.onError = died;
    const unblocked = new Memory(new Uint8Array(8), '[]');
    program.call('unblock signals', 'rt_sigprocmask', [2, unblocked, 0, 8]);
    const nothing = program.call('open /dev/null', 'openat', [-100, '/dev/null', 2, 0]);
    for (const fd of [0, 1, 2]) program.call('redirect', 'dup3', [nothing, fd, 0]);
    program.call('run', 'execve', [path, strings([path, ...args]), strings(['PATH=/usr/sbin:/usr/bin:/sbin:/bin'])]);
    program.place(died);
    program.onError = undefined;
    program.call('end', 'exit_group', [127]);
    program.place(parent);

    const from = performance.now();
    const { loaded: played } = await this.#zygote.play(program);
    using loaded = played;
    const fd = new DataView(loaded.read(pidfd).slice().buffer).getInt32(0, true);
    const { code } = await new HeldProcess(this.#loop, loaded.result(clone.step), fd).exited;
    if (code !== 0) throw new Error(`${path} ${args.join(' ')} ended with ${code}`);
    return performance.now() - from;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#zygote[Symbol.asyncDispose]();
    this.#loop[Symbol.dispose]();
  }
}
