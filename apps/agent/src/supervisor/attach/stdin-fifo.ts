import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { EPOLL, type EventLoop } from '@plimsoll/core';
import { attempt } from '@plimsoll/core/guarded';
import { complain } from '../complain.ts';
import type { KeptStarts } from '../kept-starts.ts';
import type { Counts } from './stream-counts.ts';

export interface StdinParts {
  loop: EventLoop;
  path: string;
  kept: Pick<KeptStarts, 'holdFifo' | 'releaseNow'>;
  counts: Counts;
}

/** Learns what became of bytes that were written. */
export interface StdinListener {
  /** The container's standard input has taken so many bytes in all. */
  taken(bytes: number): void;
  /** It takes no more: it was ended, or no process has it open. */
  closed(): void;
}

/**
 * The FIFO that a container reads its standard input from. The keeper holds its writing end as well, so that a kill of this process is no
 * end of input.
 */
export class StdinFifo implements Disposable {
  readonly path: string;
  readonly #parts: StdinParts;
  /** Why it ends: the client has ended it, or has stayed away. */
  #isCut = false;
  /** Null: closed. */
  #fd: number | null;
  /** So that the container's open finds a writer, and this side's a reader; null once it has the FIFO open. */
  #both: number | null;
  #keptAs: bigint | null = null;
  #waiting: Buffer[] = [];
  #isEnding = false;
  #watch: Disposable | null = null;
  #listener: StdinListener | null = null;

  private constructor(parts: StdinParts, both: number | null, fd: number | null) {
    this.#parts = parts;
    this.path = parts.path;
    this.#both = both;
    this.#fd = fd;
  }

  /** For a start, which `started` is to follow. What a run before has not read is gone. */
  static begin(parts: StdinParts): StdinFifo {
    using undo = new DisposableStack();
    const both = openSync(parts.path, constants.O_RDWR | constants.O_NONBLOCK);
    const fifo = undo.use(new StdinFifo(parts, both, null));
    fifo.#fd = openSync(parts.path, constants.O_WRONLY | constants.O_NONBLOCK);
    fifo.#keptAs = parts.kept.holdFifo(fifo.#fd);
    empty(both);
    undo.move();
    return fifo;
  }

  /** Of a container that runs. It stays closed where the supervisor before closed it. */
  static adopt(parts: StdinParts): StdinFifo {
    using undo = new DisposableStack();
    const fifo = undo.use(new StdinFifo(parts, null, parts.counts.isStdinClosed ? null : openWriter(parts.path)));
    if (fifo.#fd !== null) fifo.#keptAs = parts.kept.holdFifo(fifo.#fd);
    undo.move();
    return fifo;
  }

  get isOpen(): boolean {
    return this.#fd !== null && !this.#isEnding;
  }

  /** The container has it open. */
  started(): void {
    this.#closeBoth();
    this.#flush();
  }

  /** Bytes of an earlier listener that the FIFO has not taken are dropped: the next one sends them again. */
  setListener(listener: StdinListener | null): void {
    this.#listener = listener;
    if (listener !== null) this.#waiting = [];
  }

  /** Bytes that it has not taken yet. */
  get waitingBytes(): number {
    return this.#waiting.reduce((sum, { length }) => sum + length, 0);
  }

  /** Takes the bytes over. */
  write(bytes: Buffer): void {
    if (!this.isOpen) return this.#listener?.closed();
    this.#waiting.push(bytes);
    this.#flush();
  }

  /** The container reads an end of file behind what is written. `isCut`: the client has not ended it, and may come back. */
  end(isCut = false): void {
    if (!this.#isEnding) this.#isCut = isCut;
    this.#isEnding = true;
    this.#flush();
  }

  #flush(): void {
    while (this.#fd !== null && this.#waiting.length > 0) {
      const [first] = this.#waiting;
      const taken = this.#writeNow(this.#fd, first!);
      if (taken === 'full') return this.#wait(this.#fd);
      if (taken === 'closed') return this.#close();
      this.#parts.counts.add('stdin', taken);
      if (taken === first!.length) this.#waiting.shift();
      else this.#waiting[0] = first!.subarray(taken);
      this.#listener?.taken(this.#parts.counts.stdin);
    }
    this.#stopWaiting();
    // Without a writer the container's open of it would wait.
    if (this.#isEnding && this.#both === null) this.#close();
  }

  #writeNow(fd: number, bytes: Buffer): number | 'full' | 'closed' {
    try {
      return writeSync(fd, bytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return 'full';
      if (code !== 'EPIPE') complain(`the standard input of ${this.path} is closed`, error);
      return 'closed';
    }
  }

  #wait(fd: number): void {
    this.#watch ??= this.#parts.loop.watch(this.path, fd, EPOLL.EPOLLOUT, () => this.#flush());
  }

  #stopWaiting(): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = null;
  }

  #close(): void {
    if (this.#fd === null) return;
    this.#parts.counts.closeStdin(this.#isCut);
    this.#release();
    this.#listener?.closed();
  }

  #release(): void {
    this.#stopWaiting();
    this.#waiting = [];
    this.#closeBoth();
    const [fd, keptAs] = [this.#fd, this.#keptAs];
    this.#fd = this.#keptAs = null;
    if (fd !== null) attempt(this.path, () => closeSync(fd));
    if (keptAs !== null) attempt(this.path, () => this.#parts.kept.releaseNow(keptAs));
  }

  #closeBoth(): void {
    if (this.#both !== null) closeSync(this.#both);
    this.#both = null;
  }

  /** The container has ended. */
  [Symbol.dispose](): void {
    this.#release();
  }
}

/** Null: no process has it open to read. */
function openWriter(path: string): number | null {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') complain(`the standard input of ${path} is closed`, error);
    return null;
  }
}

/** Reads what is in the FIFO, which nobody writes to yet. */
function empty(fd: number): void {
  const bytes = Buffer.allocUnsafe(64 * 1024);
  try {
    while (readSync(fd, bytes) > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}
