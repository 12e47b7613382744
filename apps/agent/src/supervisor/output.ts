import { closeSync, constants, openSync, readSync } from 'node:fs';
import { EPOLL, type EventLoop } from '@plimsoll/core';
import { complain } from './complain.ts';
import type { KeptStarts } from './kept-starts.ts';
import { LogFile, type Stream } from './log-file.ts';
import type { GapRecord } from './log-gap.ts';

const READ_BYTES = 64 * 1024;
const buffer = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * The two FIFOs that a container writes to, drained into its log. This side and the keeper hold them open O_RDWR too: what is in a
 * FIFO whose last holder closes is gone, and the container must not be the last, also while no supervisor runs.
 */
export class Output implements Disposable {
  readonly #paths: Record<Stream, string>;
  readonly #log: LogFile;
  readonly #kept: Pick<KeptStarts, 'holdFifo' | 'release'>;
  readonly #streams: { stream: Stream; fd: number; keptAs: bigint; watch: Disposable }[];

  /** `directory` has the FIFOs (Store.prepare). */
  constructor(
    loop: EventLoop,
    directory: string,
    log: { path: string; gap: GapRecord },
    kept: Pick<KeptStarts, 'holdFifo' | 'release'>,
  ) {
    this.#kept = kept;
    this.#paths = { stdout: `${directory}/stdout`, stderr: `${directory}/stderr` };
    this.#log = new LogFile(log.path, log.gap);
    this.#streams = (['stdout', 'stderr'] as const).map((stream) => {
      const path = this.#paths[stream];
      const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
      const watch = loop.watch(`the ${stream} of ${directory}`, fd, EPOLL.EPOLLIN, () => this.#take(stream, fd));
      return { stream, fd, keptAs: kept.holdFifo(fd), watch };
    });
  }

  get stdio(): Record<Stream, string> {
    return this.#paths;
  }

  /** Takes what is left after the last writer is gone, and lets go of the FIFOs. */
  [Symbol.dispose](): void {
    for (const { stream, fd, keptAs, watch } of this.#streams) {
      watch[Symbol.dispose]();
      while (this.#take(stream, fd));
      closeSync(fd);
      this.#kept.release(keptAs);
    }
    this.#log[Symbol.dispose]();
  }

  /** One read. False: nothing is there. Never throws: the caller is the event loop, which serves all containers. */
  #take(stream: Stream, fd: number): boolean {
    let length = 0;
    try {
      length = readSync(fd, buffer);
      this.#log.append(stream, buffer.subarray(0, length));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      complain(`output is lost: ${length} bytes for ${this.#paths[stream]}`, error);
    }
    return length > 0;
  }
}
