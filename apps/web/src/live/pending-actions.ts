import { FrameNotifier } from './frame-notifier.ts';

/** Commands that the agent has not yet answered. */
export class PendingActions {
  readonly notifier = new FrameNotifier();
  readonly #pending = new Set<string>();

  /** Of one action alone: a stop that waits for its grace time must not keep anyone from killing. */
  has(target: string, action: string): boolean {
    return this.#pending.has(`${action} ${target}`);
  }

  async during<T>(target: string, action: string, work: () => Promise<T>): Promise<T> {
    const key = `${action} ${target}`;
    this.#pending.add(key);
    this.notifier.changed();
    try {
      return await work();
    } finally {
      this.#pending.delete(key);
      this.notifier.changed();
    }
  }
}
