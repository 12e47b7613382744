import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { moveBetweenPipes, readableBytes } from '@plimsoll/core';
import { attempt } from '@plimsoll/core/guarded';
import type { KeptStarts } from '../kept-starts.ts';
import type { Counts } from './stream-counts.ts';

/** A pipe's default size (pipe(7)). */
const MOST_BYTES = 64 * 1024;

export interface StagingParts {
  /** A FIFO that the supervisor alone can open. */
  path: string;
  kept: Pick<KeptStarts, 'holdFifo' | 'releaseNow'>;
  counts: Counts;
}

/**
 * Standard input on its way to a container's FIFO, in a FIFO that no other process reads. So its length shows whether the last syscall of a
 * supervisor that was killed took place: no byte is lost or doubled. The keeper holds it open meanwhile.
 */
export class StdinStaging implements Disposable {
  readonly #parts: StagingParts;
  readonly #fd: number;
  readonly #keptAs: bigint;

  /** Throws where there is no such FIFO. */
  constructor(parts: StagingParts) {
    this.#parts = parts;
    this.#fd = openSync(parts.path, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      this.#keptAs = parts.kept.holdFifo(this.#fd);
      this.#settle();
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  get isEmpty(): boolean {
    const { counts } = this.#parts;
    return counts.stdin === counts.staged;
  }

  /** Returns how many bytes there is room for. */
  write(bytes: Uint8Array): number {
    try {
      const written = writeSync(this.#fd, bytes);
      this.#parts.counts.add('staged', written);
      return written;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }

  /** Moves what the container's FIFO has room for. 'closed': no process has that open to read. */
  moveTo(fd: number): 'moved' | 'full' | 'closed' {
    const moved = moveBetweenPipes(this.#fd, fd, MOST_BYTES);
    if (moved === 'closed') return 'closed';
    if (moved === 'none') return 'full';
    this.#parts.counts.add('stdin', moved);
    return 'moved';
  }

  /** One syscall may not be counted: it has written where there is more than was counted, and moved where there is less. */
  #settle(): void {
    const { counts } = this.#parts;
    const uncounted = readableBytes(this.#fd) - (counts.staged - counts.stdin);
    if (uncounted > 0) counts.add('staged', uncounted);
    if (uncounted < 0) counts.add('stdin', -uncounted);
  }

  [Symbol.dispose](): void {
    const { path, kept } = this.#parts;
    attempt(path, () => closeSync(this.#fd));
    attempt(path, () => kept.releaseNow(this.#keptAs));
  }
}
