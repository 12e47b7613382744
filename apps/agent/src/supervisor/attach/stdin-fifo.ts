import { closeSync, constants, openSync } from 'node:fs';
import { EPOLL, type EventLoop } from '@plimsoll/core';
import { attempt, guarded } from '@plimsoll/core/guarded';
import type { KeptStarts } from '../kept-starts.ts';
import { StdinStaging } from './stdin-staging.ts';
import type { Counts } from './stream-counts.ts';

/** After a watch that the kernel has refused. */
const AGAIN_MS = 1000;

export interface StdinParts {
  loop: EventLoop;
  path: string;
  /** Of the FIFO that it comes by. */
  staging: string;
  kept: Pick<KeptStarts, 'holdFifo' | 'releaseNow' | 'hasAll'>;
  counts: Counts;
}

/** Learns what became of bytes that were written. */
export interface StdinListener {
  /** So many bytes in all are on their way to the container, and survive a kill of this process. */
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
  #open: OpenStdin | null = null;
  /** So that the container's open finds a writer, and this side's a reader; null once it has the FIFO open. */
  #both: number | null = null;
  #waiting: Buffer[] = [];
  #isEnding = false;
  #watch: Disposable | null = null;
  #listener: StdinListener | null = null;

  private constructor(parts: StdinParts) {
    this.#parts = parts;
    this.path = parts.path;
  }

  /** For a start, which `started` is to follow; its FIFOs are new ones. */
  static begin(parts: StdinParts): StdinFifo {
    using undo = new DisposableStack();
    const fifo = undo.use(new StdinFifo(parts));
    fifo.#both = openSync(parts.path, constants.O_RDWR | constants.O_NONBLOCK);
    fifo.#open = open(parts);
    undo.move();
    return fifo;
  }

  /**
   * Of a container that runs. It stays closed where the supervisor before closed it. Where no keeper has held it open meanwhile, the container has
   * read an end.
   */
  static adopt(parts: StdinParts): StdinFifo {
    const fifo = new StdinFifo(parts);
    if (parts.counts.isStdinClosed) return fifo;
    attempt(parts.path, () => (fifo.#open = parts.kept.hasAll ? open(parts) : null));
    if (fifo.#open === null) parts.counts.closeStdin(true);
    else fifo.#flush();
    return fifo;
  }

  get isOpen(): boolean {
    return this.#open !== null && !this.#isEnding;
  }

  /** The container has it open. */
  started(): void {
    this.#closeBoth();
    this.#flush();
  }

  /** Bytes of an earlier listener that are not on their way are dropped: the next one sends them again. */
  setListener(listener: StdinListener | null): void {
    this.#listener = listener;
    if (listener !== null) this.#waiting = [];
  }

  /** Bytes that are not on their way yet. */
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
    while (this.#open !== null) {
      const { fd, staging } = this.#open;
      this.#stage(staging);
      if (staging.isEmpty) break;
      const moved = staging.moveTo(fd);
      if (moved === 'full') return this.#wait(fd);
      if (moved === 'closed') return this.#close();
    }
    this.#stopWaiting();
    // Without a writer the container's open of it would wait.
    if (this.#isEnding && this.#both === null) this.#close();
  }

  #stage(staging: StdinStaging): void {
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      const written = staging.write(first);
      if (written === 0) return;
      if (written === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(written);
      this.#listener?.taken(this.#parts.counts.staged);
    }
  }

  /** The kernel may have no memory for a watch. */
  #wait(fd: number): void {
    if (this.#watch !== null) return;
    const again = guarded(this.path, () => this.#flush());
    const isWatched = attempt(this.path, () => {
      this.#watch = this.#parts.loop.watch(this.path, fd, EPOLL.EPOLLOUT, again);
    });
    if (isWatched) return;
    const timer = setTimeout(() => {
      this.#stopWaiting();
      again();
    }, AGAIN_MS);
    this.#watch = { [Symbol.dispose]: () => clearTimeout(timer) };
  }

  #stopWaiting(): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = null;
  }

  #close(): void {
    if (this.#open === null) return;
    this.#parts.counts.closeStdin(this.#isCut);
    this.#release();
    this.#listener?.closed();
  }

  #release(): void {
    this.#stopWaiting();
    this.#waiting = [];
    this.#closeBoth();
    this.#open?.[Symbol.dispose]();
    this.#open = null;
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

/** The writing end, and what is on its way to it. */
interface OpenStdin extends Disposable {
  fd: number;
  staging: StdinStaging;
}

/** Throws where no process has it open to read. */
function open({ path, staging: stagingPath, kept, counts }: StdinParts): OpenStdin {
  using undo = new DisposableStack();
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  undo.defer(() => closeSync(fd));
  const keptAs = kept.holdFifo(fd);
  undo.defer(() => kept.releaseNow(keptAs));
  const staging = undo.use(new StdinStaging({ path: stagingPath, kept, counts }));
  const owned = undo.move();
  return { fd, staging, [Symbol.dispose]: () => void attempt(path, () => owned.dispose()) };
}
