import { closeSync, constants, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { EPOLL, readableBytes, type EventLoop } from '@plimsoll/core';
import { attempt, guarded } from '@plimsoll/core/guarded';
import { complain } from './complain.ts';
import type { DrainBudget } from './drain-budget.ts';

const MOST_BYTES = 64 * 1024;
const LEAST_BYTES = 1024;
const FIRST_BYTES = 8 * 1024;
/** Entries that are made of one read. Short lines make many of few bytes: less is read of them at a time. */
const ENTRIES_BYTES = 256 * 1024;
/** After a watch that the kernel has refused. */
const AGAIN_MS = 1000;
const buffer = Buffer.allocUnsafeSlow(MOST_BYTES);

export interface FifoParts {
  loop: EventLoop;
  /** Of all FIFOs of one container. */
  budget: DrainBudget;
  path: string;
  /** Takes what was read, valid until it returns. Returns the size of the log's entries for it. */
  take: (bytes: Uint8Array) => number;
  /** Called before a read, whose bytes `take` gets, or which finds none. */
  reads?: () => void;
  readNothing?: () => void;
}

/** A FIFO that a container writes to, drained within a budget. While it is held nothing is read, and once it is full its writers wait. */
export class DrainedFifo implements Disposable {
  readonly fd: number;
  readonly #parts: FifoParts;
  /** Of the FIFO, or of the budget. Null: there is none. */
  #watch: Disposable | null = null;
  #isHeld = false;
  #isEnding = false;
  #readBytes = FIRST_BYTES;

  constructor(parts: FifoParts) {
    this.#parts = parts;
    this.fd = openSync(parts.path, constants.O_RDWR | constants.O_NONBLOCK);
    this.#watchFifo();
  }

  /** Reads nothing until `resume`. */
  hold(): void {
    this.#isHeld = true;
  }

  resume(): void {
    const wasHeld = this.#isHeld;
    this.#isHeld = false;
    if (wasHeld && this.#watch === null && !this.#isEnding) this.#resume();
  }

  /**
   * Reads what is in it at this moment, and nothing afterwards: processes to which the container has passed its descriptors could write
   * for ever. Bounded by the FIFO, and so by no budget: the record of the end waits for it. Never throws.
   */
  async drain(): Promise<void> {
    this.#isEnding = true;
    this.#stopWatching();
    try {
      for (let left = readableBytes(this.fd); left > 0; await setImmediate()) {
        const length = this.#take(left);
        if (length === 0) break;
        left -= length;
      }
    } catch (error) {
      complain(`the last output is lost, in ${this.#parts.path}`, error);
    }
  }

  [Symbol.dispose](): void {
    this.#isEnding = true;
    this.#stopWatching();
    attempt(this.#parts.path, () => closeSync(this.fd));
  }

  readonly #ready = (): void => {
    if (this.#isHeld) return this.#stopWatching();
    const { budget } = this.#parts;
    if (budget.isOpen) this.#spend();
    if (!budget.isOpen) this.#pause();
  };

  /** Its turn is over with one read: others have theirs before the next. An empty FIFO needs none. */
  readonly #turn = (): void => {
    if (this.#isHeld) return this.#stopWatching();
    if (this.#spend() > 0 && !this.#parts.budget.isOpen) this.#pause();
    else this.#resume();
  };

  #pause(): void {
    this.#instead(this.#parts.budget.wait(this.#turn));
  }

  /** The kernel may have no memory for a watch. */
  readonly #resume = (): void => {
    const { path } = this.#parts;
    if (attempt(path, () => this.#watchFifo())) return;
    const timer = setTimeout(guarded(path, this.#resume), AGAIN_MS);
    this.#instead({ [Symbol.dispose]: () => clearTimeout(timer) });
  };

  #watchFifo(): void {
    const { loop, path } = this.#parts;
    this.#instead(loop.watch(path, this.fd, EPOLL.EPOLLIN, this.#ready));
  }

  #instead(watch: Disposable): void {
    this.#stopWatching();
    this.#watch = watch;
  }

  #stopWatching(): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = null;
  }

  /** One read within the budget. */
  #spend(): number {
    const from = performance.now();
    const length = this.#take();
    this.#parts.budget.spend(performance.now() - from);
    return length;
  }

  /** One read. 0: nothing is there. Never throws: the caller is the event loop, which serves all containers. */
  #take(most = MOST_BYTES): number {
    let length = 0;
    try {
      this.#parts.reads?.();
      length = readSync(this.fd, buffer, 0, Math.min(this.#readBytes, most), null);
      const entries = this.#parts.take(buffer.subarray(0, length));
      const fits = (this.#readBytes * ENTRIES_BYTES) / Math.max(entries, 1);
      this.#readBytes = Math.floor(Math.max(LEAST_BYTES, Math.min(MOST_BYTES, 2 * this.#readBytes, fits)));
    } catch (error) {
      if (length === 0) this.#parts.readNothing?.();
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      complain(`output is lost: ${length} bytes for ${this.#parts.path}`, error);
    }
    return length;
  }
}
