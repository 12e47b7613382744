import { guarded } from '@plimsoll/core/guarded';
import type { Stream } from '../log-file.ts';
import type { OutputTap } from '../output.ts';

/** What is read before the client has come. */
const MOST_BYTES = 1024 * 1024;
/** For a client to connect, or to come back to this supervisor. */
const COMES_WITHIN_MS = 10_000;

/** Stands for a client that is about to attach: the log gets no further ahead of it than it keeps. */
export class AwaitedClient implements OutputTap, Disposable {
  readonly isClient = false;
  #bytes = 0;
  readonly #timer: NodeJS.Timeout;

  /** `stayedAway` is called where the client has not come in time. */
  constructor(what: string, stayedAway: () => void) {
    this.#timer = setTimeout(guarded(what, stayedAway), COMES_WITHIN_MS).unref();
  }

  write(_stream: Stream, bytes: Uint8Array): boolean {
    this.#bytes += bytes.length;
    return this.#bytes < MOST_BYTES;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
