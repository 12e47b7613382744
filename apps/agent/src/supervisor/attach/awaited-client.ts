import { guarded } from '@plimsoll/core/guarded';
import type { Stream } from '../log-file.ts';
import type { OutputTap } from '../output.ts';

/** What is read before the client has come. */
const MOST_BYTES = 1024 * 1024;
/** For a client to connect, or to come back to this supervisor: then output is held up no longer. */
const OUTPUT_WAITS_MS = 10_000;
/** Longer than a client tries to connect, and than it waits for an agent that is away (client/deadlines.ts): input that is cut is gone. */
const INPUT_WAITS_MS = 90_000;

interface StayedAway {
  what: string;
  /** Called when the container's output waits no longer. */
  releaseOutput: () => void;
  /** Called when the client is not expected any more. */
  endInput: () => void;
}

/** Stands for a client that is about to attach: the log gets no further ahead of it than it keeps. */
export class AwaitedClient implements OutputTap, Disposable {
  readonly isClient = false;
  readonly #stayedAway: StayedAway;
  #bytes = 0;
  #timers: NodeJS.Timeout[] = [];

  constructor(stayedAway: StayedAway) {
    this.#stayedAway = stayedAway;
  }

  /** Clients can connect from now on. */
  expect(): void {
    const { what, releaseOutput, endInput } = this.#stayedAway;
    this.#timers = [
      setTimeout(guarded(what, releaseOutput), OUTPUT_WAITS_MS).unref(),
      setTimeout(guarded(what, endInput), INPUT_WAITS_MS).unref(),
    ];
  }

  write(_stream: Stream, bytes: Uint8Array): boolean {
    this.#bytes += bytes.length;
    return this.#bytes < MOST_BYTES;
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
