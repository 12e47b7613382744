import { failure, log } from '../log.ts';

const TELL_EVERY_MS = 60_000;

/** Whether the disk takes what is written to one store. A failure is logged at first and once a minute, and its end. */
export class WriteTrouble {
  readonly #what: string;
  #begun = Promise.withResolvers<void>();
  #since: number | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** `what`: as in "the ledger cannot be written". */
  constructor(what: string) {
    this.#what = what;
  }

  get isThere(): boolean {
    return this.#since !== null;
  }

  /** Resolves when a write fails; at once while writes fail. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** A write has failed, and is tried again. */
  failed(error: unknown): void {
    const now = performance.now();
    this.#since ??= now;
    this.#begun.resolve();
    if (now - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = now;
    log('error', `${this.#what} cannot be written, and will be tried again`, failure(error));
  }

  /** A write has succeeded. */
  succeeded(): void {
    if (this.#since === null) return;
    log('info', `${this.#what} can be written again`, { afterMs: Math.round(performance.now() - this.#since) });
    this.#since = null;
    this.#begun = Promise.withResolvers<void>();
  }
}
