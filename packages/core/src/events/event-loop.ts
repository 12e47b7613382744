import type { Memory } from '../program/argument.ts';
import { LoadedProgram } from '../program/load.ts';
import { onReadable } from '../syscalls/poll.ffi.ts';
import { Epoll } from './epoll.ts';

/**
 * An epoll instance of our own below Node's: one descriptor on Node's event loop however many are watched, and the
 * priority events (EPOLLPRI) of cgroup files, which Node's poll cannot ask for. Those of pressure files get lost in it:
 * see PressureEvents.
 */
export class EventLoop implements Disposable {
  readonly #epoll = new Epoll();
  readonly #poll: Disposable;
  readonly #wait: LoadedProgram;

  constructor() {
    const { program, ready } = this.#epoll.waitProgram(0);
    program.end();
    this.#wait = new LoadedProgram(program);
    this.#poll = onReadable(this.#epoll.fd, () => this.#dispatch(ready));
  }

  /** As Epoll.watch. */
  watch(what: string, fd: number, events: number, callback: (events: number) => void): Disposable {
    return this.#epoll.watch(what, fd, events, callback);
  }

  #dispatch(ready: Memory): void {
    this.#wait.run();
    this.#epoll.dispatch(this.#wait, ready);
  }

  [Symbol.dispose](): void {
    this.#poll[Symbol.dispose]();
    this.#wait[Symbol.dispose]();
    this.#epoll[Symbol.dispose]();
  }
}
