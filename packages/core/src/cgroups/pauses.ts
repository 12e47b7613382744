import { setImmediate } from 'node:timers/promises';

/** After this much work others get their turn. */
const SLICE_MS = 5;

/** Long work on the one thread, in slices. */
export class Pauses {
  #since = performance.now();

  get isDue(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  async take(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
