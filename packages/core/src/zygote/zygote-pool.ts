import { logFault } from '../events/guarded.ts';
import type { EventLoop } from '../events/event-loop.ts';
import type { Program } from '../program/program.ts';
import { Zygote, type Played } from './zygote.ts';

const DEFAULT_SIZE = 8;

/**
 * Zygotes as they are needed: one more is forked when all are busy, up to `size`; past that a program waits for its turn.
 * A start that hangs (in a frozen group, under a tiny cpu limit) holds up its own zygote alone.
 */
export class ZygotePool implements AsyncDisposable {
  /** Of whoever holds what these clone. */
  readonly loop: EventLoop;
  readonly #size: number;
  readonly #all = new Set<Zygote>();
  readonly #idle: Zygote[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(loop: EventLoop, size = DEFAULT_SIZE) {
    this.loop = loop;
    this.#size = size;
    this.#idle.push(this.#fork());
  }

  /** Zygote.play, in whichever is free first: where one is free, it has begun when this returns. */
  async play(program: Program): Promise<Played> {
    const zygote = this.#take() ?? (await this.#wait());
    try {
      return await zygote.play(program);
    } finally {
      if (zygote.alive) this.#idle.push(zygote);
      this.#waiting.shift()?.();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map((zygote) => zygote[Symbol.asyncDispose]()));
  }

  #take(): Zygote | undefined {
    // The one that was used last has its pages and its core warm.
    for (let zygote = this.#idle.pop(); zygote !== undefined; zygote = this.#idle.pop()) if (zygote.alive) return zygote;
    return this.#all.size < this.#size ? this.#fork() : undefined;
  }

  async #wait(): Promise<Zygote> {
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
      const zygote = this.#take();
      if (zygote !== undefined) return zygote;
    }
  }

  #fork(): Zygote {
    const zygote = new Zygote(this.loop);
    this.#all.add(zygote);
    zygote.ended
      .then(() => {
        this.#all.delete(zygote);
        // There is room for another now: whoever was woken before this found none.
        this.#waiting.shift()?.();
      })
      .catch((error: unknown) => logFault('the end of a zygote', error));
    return zygote;
  }
}
