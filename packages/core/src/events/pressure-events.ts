import { Zygote } from '../zygote/zygote.ts';
import { Epoll } from './epoll.ts';
import type { EventLoop } from './event-loop.ts';

/** A zygote that was killed is replaced so often; then somebody means it. */
const MOST_ZYGOTES = 10;

/**
 * Waits for the priority events of pressure files. A trigger's event is used up when it is asked for (psi_trigger_poll), and
 * an epoll instance that is itself waited for by another is asked twice, once by each, so that the second finds nothing.
 * Hence a zygote, which shares our descriptors, waits in epoll_pwait itself.
 */
export class PressureEvents implements AsyncDisposable {
  readonly #loop: EventLoop;
  readonly #epoll = new Epoll();
  #zygote: Zygote | null = null;
  #waiting: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /** As Epoll.watch. The first makes the zygote. */
  watch(what: string, fd: number, events: number, callback: (events: number) => void): Disposable {
    const watch = this.#epoll.watch(what, fd, events, callback);
    if (this.#zygote === null && !this.#ended) {
      this.#zygote = new Zygote(this.#loop);
      this.#waiting = this.#wait(this.#zygote);
    }
    return watch;
  }

  async #wait(first: Zygote): Promise<void> {
    let zygote = first;
    for (let zygotes = 1; !this.#ended;) {
      const { program, ready } = this.#epoll.waitProgram(-1);
      using loaded = (await zygote.play(program)).loaded;
      if (this.#ended) return;
      if (zygote.alive) this.#epoll.dispatch(loaded, ready);
      else if (++zygotes > MOST_ZYGOTES) return;
      else this.#zygote = zygote = new Zygote(this.#loop);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#zygote?.[Symbol.asyncDispose]();
    await this.#waiting.catch(() => {});
    this.#epoll[Symbol.dispose]();
  }
}
