import { closeSync, constants, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { EPOLL, readableBytes, type EventLoop } from '@plimsoll/core';
import { attempt, guarded } from '@plimsoll/core/guarded';
import { complain } from './complain.ts';
import { DrainBudget } from './drain-budget.ts';
import type { KeptStarts } from './kept-starts.ts';
import { LogFile, type Stream } from './log-file.ts';
import type { GapRecord } from './log-gap.ts';

const MOST_BYTES = 64 * 1024;
const LEAST_BYTES = 1024;
const FIRST_BYTES = 8 * 1024;
/** Entries that are made of one read. Short lines make many of few bytes: less is read of them at a time. */
const ENTRIES_BYTES = 256 * 1024;
/** After a watch that the kernel has refused. */
const AGAIN_MS = 1000;
const buffer = Buffer.allocUnsafeSlow(MOST_BYTES);

interface OutputStream {
  stream: Stream;
  fd: number;
  keptAs: bigint;
  /** Of the FIFO, or of the budget. Null: there is none yet. */
  watch: Disposable | null;
  readBytes: number;
}

/**
 * The two FIFOs that a container writes to, drained into its log within a budget. This side and the keeper hold them open O_RDWR too: what
 * is in a FIFO whose last holder closes is gone, and the container must not be the last, also while no supervisor runs.
 */
export class Output implements AsyncDisposable {
  readonly #loop: EventLoop;
  readonly #directory: string;
  readonly #log: LogFile;
  readonly #kept: Pick<KeptStarts, 'holdFifo' | 'release'>;
  readonly #streams: OutputStream[];
  readonly #budget: DrainBudget;

  /** `directory` has the FIFOs (Store.prepare). */
  constructor(
    loop: EventLoop,
    directory: string,
    log: { path: string; gap: GapRecord },
    kept: Pick<KeptStarts, 'holdFifo' | 'release'>,
    budget = new DrainBudget(),
  ) {
    this.#budget = budget;
    this.#loop = loop;
    this.#directory = directory;
    this.#kept = kept;
    this.#log = new LogFile(log.path, log.gap);
    this.#streams = (['stdout', 'stderr'] as const).map((stream) => {
      const fd = openSync(this.stdio[stream], constants.O_RDWR | constants.O_NONBLOCK);
      const opened = { stream, fd, keptAs: kept.holdFifo(fd), watch: null, readBytes: FIRST_BYTES };
      this.#watch(opened);
      return opened;
    });
  }

  get stdio(): Record<Stream, string> {
    return { stdout: `${this.#directory}/stdout`, stderr: `${this.#directory}/stderr` };
  }

  /**
   * Reads what is in the FIFOs at this moment and closes them. What is written from now on, by processes to which the container has passed
   * its descriptors, is lost: they could go on for ever. Never throws: the record of the end follows.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#streams) one.watch?.[Symbol.dispose]();
    for (const one of this.#streams) {
      await this.#drain(one);
      const what = this.stdio[one.stream];
      attempt(what, () => closeSync(one.fd));
      attempt(what, () => this.#kept.release(one.keptAs));
    }
    attempt(`the log of ${this.#directory}`, () => this.#log[Symbol.dispose]());
  }

  /** Bounded by the FIFO, and so by no budget: the record of the end waits for it. */
  async #drain(one: OutputStream): Promise<void> {
    try {
      for (let left = readableBytes(one.fd); left > 0; await setImmediate()) {
        const length = this.#take(one, left);
        if (length === 0) break;
        left -= length;
      }
    } catch (error) {
      complain(`the last output is lost, in ${this.stdio[one.stream]}`, error);
    }
  }

  #watch(one: OutputStream): void {
    const what = `the ${one.stream} of ${this.#directory}`;
    const instead = (watch: Disposable): void => {
      one.watch?.[Symbol.dispose]();
      one.watch = watch;
    };
    const pause = (): void => instead(this.#budget.wait(turn));
    const ready = (): void => {
      if (this.#budget.isOpen) this.#spend(one);
      if (!this.#budget.isOpen) pause();
    };
    // Its turn is over with one read: others have theirs before the next. An empty FIFO needs none.
    const turn = (): void => {
      if (this.#spend(one) > 0 && !this.#budget.isOpen) pause();
      else resume();
    };
    const watch = (): void => instead(this.#loop.watch(what, one.fd, EPOLL.EPOLLIN, ready));
    // The kernel may have no memory for a watch.
    const resume = (): void => {
      if (attempt(what, watch)) return;
      const timer = setTimeout(guarded(what, resume), AGAIN_MS);
      instead({ [Symbol.dispose]: () => clearTimeout(timer) });
    };
    watch();
  }

  /** One read within the budget. */
  #spend(one: OutputStream): number {
    const from = performance.now();
    const length = this.#take(one);
    this.#budget.spend(performance.now() - from);
    return length;
  }

  /** One read. 0: nothing is there. Never throws: the caller is the event loop, which serves all containers. */
  #take(one: OutputStream, most = MOST_BYTES): number {
    let length = 0;
    try {
      length = readSync(one.fd, buffer, 0, Math.min(one.readBytes, most), null);
      const entries = this.#log.append(one.stream, buffer.subarray(0, length));
      const fits = (one.readBytes * ENTRIES_BYTES) / Math.max(entries, 1);
      one.readBytes = Math.floor(Math.max(LEAST_BYTES, Math.min(MOST_BYTES, 2 * one.readBytes, fits)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      complain(`output is lost: ${length} bytes for ${this.stdio[one.stream]}`, error);
    }
    return length;
  }
}
