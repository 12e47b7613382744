import { EPOLL } from '../abi/epoll.ts';
import type { EventLoop } from '../events/event-loop.ts';
import { makePipe } from '../processes/pipe.ts';
import { HeldProcess } from '../processes/process.ts';
import { Memory } from '../program/argument.ts';
import { call, runOrThrow, tryCall } from '../program/call.ts';
import { ENTRY } from '../program/layout.ts';
import { LoadedProgram } from '../program/load.ts';
import { Program } from '../program/program.ts';
import { zygoteProgram } from './zygote-program.ts';

const SIGKILL = 9;

/** A program that was played. The holder reads results and failure from it, and disposes of it. */
export interface Played {
  loaded: LoadedProgram;
  /** False: the zygote was killed in the middle of it. What it cloned may live on. */
  finished: boolean;
}

/**
 * A child that holds nothing but the runner and the programs: it shares this process's descriptors (CLONE_FILES) and the
 * arena, and has let go of every other page. A clone from it copies a handful of page-table entries instead of a whole
 * Node's, its children have as few to tear down at exec, and this process's event loop goes on meanwhile. What it clones with
 * CLONE_PARENT is this process's own child.
 *
 * It plays one program at a time. It dies with this process.
 */
export class Zygote implements AsyncDisposable {
  readonly #process: HeldProcess;
  readonly #made: LoadedProgram;
  readonly #heard: LoadedProgram;
  readonly #commands: number;
  readonly #watch: Disposable;
  readonly #doneAddress: number;
  readonly #ended: Promise<unknown>;
  #playing: PromiseWithResolvers<boolean> | null = null;
  #alive = true;

  constructor(loop: EventLoop) {
    const commands = makePipe();
    const answers = makePipe();
    const { program, clone, pidfd, done } = zygoteProgram(commands.read, answers.write);
    this.#made = new LoadedProgram(program);
    runOrThrow(this.#made);
    const pidfdNumber = new DataView(this.#made.read(pidfd).slice().buffer).getInt32(0, true);
    this.#process = new HeldProcess(loop, this.#made.result(clone.step), pidfdNumber);
    this.#commands = commands.write;
    this.#doneAddress = this.#made.address + done.at * ENTRY.size;

    const hear = new Program();
    hear.call('hear from a zygote', 'read', [answers.read, new Memory(new Uint8Array(1), '&answer'), 1], { tolerate: 'any' });
    hear.end();
    this.#heard = new LoadedProgram(hear);
    this.#watch = loop.watch('an answer of a zygote', answers.read, EPOLL.EPOLLIN, () => {
      this.#heard.run();
      this.#playing?.resolve(true);
    });
    this.#ended = this.#process.exited.then(() => {
      this.#alive = false;
      this.#playing?.resolve(false);
      this.#watch[Symbol.dispose]();
      this.#heard[Symbol.dispose]();
      this.#made[Symbol.dispose]();
      for (const fd of [commands.read, commands.write, answers.read, answers.write]) tryCall('close', fd);
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Resolves when it has ended, which it does by a kill alone. */
  get ended(): Promise<unknown> {
    return this.#ended;
  }

  /** Plays a program that falls off its last step, and resolves when it has. `begun` is called before it begins, with its memory. */
  async play(program: Program, begun: (loaded: LoadedProgram) => void = () => {}): Promise<Played> {
    program.call('return to the zygote', 'getpid', [], { jump: this.#doneAddress });
    const loaded = new LoadedProgram(program);
    this.#playing = Promise.withResolvers();
    try {
      begun(loaded);
      const address = new Uint8Array(new BigUint64Array([BigInt(loaded.address)]).buffer);
      call('tell a zygote what to play', 'write', this.#commands, new Memory(address, 'address'), address.length);
      return { loaded, finished: await this.#playing.promise };
    } catch (error) {
      loaded[Symbol.dispose]();
      throw error;
    } finally {
      this.#playing = null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.signal(SIGKILL);
    await this.#ended;
  }
}
