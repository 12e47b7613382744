import { closeSync, constants, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { EPOLL, readableBytes, type EventLoop } from '@plimsoll/core';
import { attempt } from '@plimsoll/core/guarded';
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
  /** Null: it waits for its budget. */
  watch: Disposable | null;
  resume: NodeJS.Timeout | undefined;
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
  readonly #budget = new DrainBudget();

  /** `directory` has the FIFOs (Store.prepare). */
  constructor(
    loop: EventLoop,
    directory: string,
    log: { path: string; gap: GapRecord },
    kept: Pick<KeptStarts, 'holdFifo' | 'release'>,
  ) {
    this.#loop = loop;
    this.#directory = directory;
    this.#kept = kept;
    this.#log = new LogFile(log.path, log.gap);
    this.#streams = (['stdout', 'stderr'] as const).map((stream) => {
      const fd = openSync(this.stdio[stream], constants.O_RDWR | constants.O_NONBLOCK);
      const opened = { stream, fd, keptAs: kept.holdFifo(fd), watch: null, resume: undefined, readBytes: FIRST_BYTES };
      this.#watch(opened);
      return opened;
    });
  }

  get stdio(): Record<Stream, string> {
    return { stdout: `${this.#directory}/stdout`, stderr: `${this.#directory}/stderr` };
  }

  /**
   * Takes what is in the FIFOs at this moment, and lets go of them. What others write from now on, to whom the container has given
   * its descriptors, is lost: they could go on for ever.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#streams) {
      one.watch?.[Symbol.dispose]();
      clearTimeout(one.resume);
    }
    for (const one of this.#streams) {
      for (let left = readableBytes(one.fd); left > 0; await setImmediate()) {
        const length = this.#take(one, left);
        if (length === 0) break;
        left -= length;
      }
      closeSync(one.fd);
      this.#kept.release(one.keptAs);
    }
    this.#log[Symbol.dispose]();
  }

  #watch(one: OutputStream): void {
    const what = `the ${one.stream} of ${this.#directory}`;
    const pause = (waitMs: number): void => {
      one.watch?.[Symbol.dispose]();
      one.watch = null;
      one.resume = setTimeout(resume, waitMs);
    };
    const ready = (): void => {
      if (this.#budget.waitMs === 0) this.#take(one);
      const { waitMs } = this.#budget;
      if (waitMs > 0) pause(waitMs);
    };
    const watch = (): void => void (one.watch = this.#loop.watch(what, one.fd, EPOLL.EPOLLIN, ready));
    // The kernel may have no memory for a watch.
    const resume = (): void => void (attempt(what, watch) || pause(AGAIN_MS));
    watch();
  }

  /** One read. 0: nothing is there. Never throws: the caller is the event loop, which serves all containers. */
  #take(one: OutputStream, most = MOST_BYTES): number {
    const from = performance.now();
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
    this.#budget.spend(performance.now() - from);
    return length;
  }
}
