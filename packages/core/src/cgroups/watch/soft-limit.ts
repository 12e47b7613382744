import { closeSync, openSync, readFileSync } from 'node:fs';
import { EventCounter } from '../../events/event-counter.ts';
import type { EventLoop } from '../../events/event-loop.ts';
import { Memory } from '../../program/argument.ts';
import { Program } from '../../program/program.ts';
import type { ZygotePool } from '../../zygote/zygote-pool.ts';
import type { Cgroup } from '../cgroup.ts';

/** No soft limit: v1 writes a page less than 2^63. */
const ENDLESS = 2 ** 62;

/**
 * v1 alone: counts how often the memory usage rises past the soft limit, which the kernel itself does not. A threshold of
 * memory.usage_in_bytes signals each time it is crossed, up or down; the kernel looks at it every 128 pages or so.
 */
export class SoftLimit implements Disposable {
  readonly #cgroup: Cgroup;
  readonly #rose: () => void;
  #counter: EventCounter | null = null;
  #isAbove = false;
  #count = 0;
  #limit = Number.POSITIVE_INFINITY;
  #turn: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(cgroup: Cgroup, rose: () => void) {
    this.#cgroup = cgroup;
    this.#rose = rose;
  }

  get count(): number {
    return this.#count;
  }

  /** Watches the limit that there is now, once what is under way is done. */
  async arm(loop: EventLoop, zygotes: ZygotePool): Promise<void> {
    this.#turn = this.#turn.catch(() => {}).then(() => this.#arm(loop, zygotes));
    await this.#turn;
  }

  /** The kernel waits for an RCU grace period at each registration (some 11 ms): a zygote does, whose descriptors are ours. */
  async #arm(loop: EventLoop, zygotes: ZygotePool): Promise<void> {
    const limit = this.#read('memory.soft_limit_in_bytes') ?? ENDLESS;
    if (limit === this.#limit || this.#ended) return;
    this.#limit = limit;
    this.#counter?.[Symbol.dispose]();
    this.#counter = null;
    const [usage, control] = ['memory.usage_in_bytes', 'cgroup.event_control'].map((file) => this.#cgroup.file('memory', file));
    if (limit >= ENDLESS || !usage || !control) return;
    using open = new DisposableStack();
    const [usageFd, controlFd] = [open.adopt(openSync(usage, 'r'), closeSync), open.adopt(openSync(control, 'w'), closeSync)];
    const counter = open.use(
      new EventCounter(loop, `the soft limit of cgroup ${this.#cgroup.path}`, (crossings) => this.#crossed(crossings)),
    );
    const registration = Buffer.from(`${counter.fd} ${usageFd} ${limit}`);
    const program = new Program();
    program.call('watch the soft limit', 'write', [controlFd, new Memory(registration, 'registration'), registration.length]);
    using played = (await zygotes.play(program)).loaded;
    if (played.result(0) < 0 || this.#ended) return;
    this.#counter = counter;
    for (const fd of [usageFd, controlFd]) closeSync(fd);
    open.move();
    this.#isAbove = false;
    if ((this.#read('memory.usage_in_bytes') ?? 0) >= limit) this.#crossed(1);
  }

  #crossed(crossings: number): void {
    // The removal of the cgroup signals too.
    if (this.#read('memory.usage_in_bytes') === null) return;
    const rises = this.#isAbove ? Math.floor(crossings / 2) : Math.ceil(crossings / 2);
    if (crossings % 2 === 1) this.#isAbove = !this.#isAbove;
    this.#count += rises;
    if (rises > 0) this.#rose();
  }

  #read(file: string): number | null {
    try {
      return Number(readFileSync(this.#cgroup.file('memory', file) ?? '', 'latin1'));
    } catch {
      return null;
    }
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    this.#counter?.[Symbol.dispose]();
    this.#counter = null;
  }
}
