import { closeSync } from 'node:fs';
import { EPOLL } from '../abi/epoll.ts';
import { EFD, EVENTFD_BYTES } from '../abi/eventfd.ts';
import { or } from '../abi/flags.ts';
import { call } from '../program/call.ts';
import type { EventLoop } from './event-loop.ts';
import { readReady } from './read-ready.ts';

/** A counter that the kernel adds to (eventfd(2)). `signalled` is told how much since it was told before. */
export class EventCounter implements Disposable {
  readonly fd = call('make an eventfd', 'eventfd2', 0, or(EFD, 'EFD_NONBLOCK', 'EFD_CLOEXEC'));
  readonly #readable: Disposable;
  readonly #value = Buffer.alloc(EVENTFD_BYTES);

  /** `what`: the thing that it counts for, in the log. */
  constructor(loop: EventLoop, what: string, signalled: (count: number) => void) {
    this.#readable = loop.watch(what, this.fd, EPOLL.EPOLLIN, () => {
      if (readReady(this.fd, this.#value) > 0) signalled(Number(this.#value.readBigUInt64LE()));
    });
  }

  [Symbol.dispose](): void {
    this.#readable[Symbol.dispose]();
    closeSync(this.fd);
  }
}
