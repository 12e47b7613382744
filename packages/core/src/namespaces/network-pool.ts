import { CLONE } from '../abi/clone.ts';
import { or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import { tryCall } from '../program/call.ts';
import { Label } from '../program/label.ts';
import { Program } from '../program/program.ts';
import { bringLoopbackUp } from './loopback.ts';
import type { ZygotePool } from '../zygote/zygote-pool.ts';

const DEFAULT_SIZE = 8;

/**
 * Network namespaces made ahead, as descriptors. The kernel takes as long to make one as for all the others together, several
 * times over: a start that joins one has that behind it already. A zygote makes them, by leaving the host's and coming back.
 * An empty one weighs some hundred KiB of kernel memory.
 */
export class NetworkNamespacePool implements Disposable {
  readonly #zygotes: ZygotePool;
  readonly #size: number;
  readonly #ready: number[] = [];
  #making = 0;
  #closed = false;

  constructor(zygotes: ZygotePool, size = DEFAULT_SIZE) {
    this.#zygotes = zygotes;
    this.#size = size;
    this.refill();
  }

  /** A descriptor that is the caller's to close; null when none is ready, and the start makes its own. */
  take(): number | null {
    return this.#ready.pop() ?? null;
  }

  /** To be called when a start is done, so that the two do not compete. */
  refill(): void {
    while (!this.#closed && this.#ready.length + this.#making < this.#size) {
      this.#making++;
      // It never rejects.
      void this.#make().finally(() => this.#making--);
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const fd of this.#ready.splice(0)) tryCall('close', fd);
  }

  async #make(): Promise<void> {
    const program = new Program();
    const [home, back] = [new Label(), new Label()];
    const own = [AT_FDCWD, '/proc/self/ns/net', or(O, 'O_RDONLY', 'O_CLOEXEC')] as const;
    program.onError = back;
    const host = program.call("open the host's network namespace", 'openat', own, { as: 'host' });
    program.onError = home;
    program.call('make a network namespace', 'unshare', [or(CLONE, 'CLONE_NEWNET')]);
    bringLoopbackUp(program);
    const made = program.call('open it', 'openat', own);
    program.onError = undefined;
    program.place(home);
    program.call("come back to the host's", 'setns', [host, or(CLONE, 'CLONE_NEWNET')], { tolerate: 'any' });
    program.call("close the host's", 'close', [host], { tolerate: 'any' });
    program.place(back);
    try {
      const { loaded: played, finished } = await this.#zygotes.play(program);
      using loaded = played;
      // 0 where it was not come to.
      const fd = loaded.result(made.step);
      if (finished && fd > 0 && !this.#closed) this.#ready.push(fd);
      else if (finished && fd > 0) tryCall('close', fd);
    } catch {
      // A start without one makes its own, and tells what hinders it.
    }
  }
}
