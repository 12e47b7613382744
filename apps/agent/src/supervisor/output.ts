import type { EventLoop } from '@plimsoll/core';
import { attempt } from '@plimsoll/core/guarded';
import type { Counts } from './attach/stream-counts.ts';
import { DrainBudget } from './drain-budget.ts';
import { DrainedFifo } from './drained-fifo.ts';
import type { KeptStarts } from './kept-starts.ts';
import { LogFile, type Stream } from './log-file.ts';
import type { GapRecord } from './log-gap.ts';

const STREAMS = ['stdout', 'stderr'] as const;

/** Gets a container's output as it is read. */
export interface OutputTap {
  /** A client, in contrast to what stands for one. */
  readonly isClient: boolean;
  /** `bytes` are valid until it returns. False: it takes no more before it calls Output.resume. */
  write(stream: Stream, bytes: Uint8Array): boolean;
}

export interface OutputParts {
  loop: EventLoop;
  /** Has the FIFOs (Store.prepare). */
  directory: string;
  log: { path: string; gap: GapRecord };
  kept: Pick<KeptStarts, 'holdFifo' | 'release'>;
  budget?: DrainBudget;
  /** Of an incarnation that is attended. */
  counts?: Counts | undefined;
}

interface OutputFifo {
  fifo: DrainedFifo;
  keptAs: bigint;
}

/**
 * The two FIFOs that a container writes to, drained into its log, and to a client that is attached. This side and the keeper hold them open
 * O_RDWR too: what is in a FIFO whose last holder closes is gone, and the container must not be the last, also while no supervisor runs.
 */
export class Output implements AsyncDisposable {
  readonly #parts: OutputParts;
  readonly #log: LogFile;
  readonly #fifos: OutputFifo[];
  readonly #budget: DrainBudget;
  #tap: OutputTap | null = null;

  constructor(parts: OutputParts) {
    const { loop, log, kept, counts, budget = new DrainBudget() } = parts;
    const counted = counts && { reads: () => counts.reads(), readNothing: () => counts.readNothing() };
    this.#parts = parts;
    this.#budget = budget;
    this.#log = new LogFile(log.path, log.gap);
    using undo = new DisposableStack();
    this.#fifos = STREAMS.map((stream) => {
      const take = (bytes: Uint8Array): number => this.#take(stream, bytes);
      const fifo = undo.use(new DrainedFifo({ loop, budget, path: this.stdio[stream], take, ...counted }));
      const keptAs = kept.holdFifo(fifo.fd);
      undo.defer(() => kept.release(keptAs));
      return { fifo, keptAs };
    });
    undo.move();
  }

  get stdio(): Record<Stream, string> {
    const { directory } = this.#parts;
    return { stdout: `${directory}/stdout`, stderr: `${directory}/stderr` };
  }

  /** From now on it is `tap` that gets the output; null: the log alone has it. What is held stays so until `resume`. */
  setTap(tap: OutputTap | null): void {
    this.#tap = tap;
    this.#budget.setAttached(tap?.isClient ?? false);
  }

  /** Reads nothing until `resume`: the container waits once its FIFOs are full. Its end is held up by nothing. */
  hold(): void {
    for (const { fifo } of this.#fifos) fifo.hold();
  }

  resume(): void {
    for (const { fifo } of this.#fifos) fifo.resume();
  }

  /**
   * Reads what is in the FIFOs at this moment and closes them. What is written from now on, by processes to which the container has passed
   * its descriptors, is lost: they could go on for ever. Never throws: the record of the end follows.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const { directory, kept } = this.#parts;
    for (const { fifo, keptAs } of this.#fifos) {
      await fifo.drain();
      fifo[Symbol.dispose]();
      attempt(directory, () => kept.release(keptAs));
    }
    attempt(`the log of ${directory}`, () => this.#log[Symbol.dispose]());
  }

  /** The count comes first: where this process is killed in between, a client learns that something is missing. */
  #take(stream: Stream, bytes: Uint8Array): number {
    const { counts } = this.#parts;
    const position = counts && { stdout: counts.stdout, stderr: counts.stderr };
    counts?.add(stream, bytes.length);
    try {
      return this.#log.append(stream, bytes, position);
    } finally {
      if (this.#tap?.write(stream, bytes) === false) this.hold();
    }
  }
}
