import type { Action } from '../lib/actions.ts';
import { FrameNotifier } from './frame-notifier.ts';

/** Commands that the agent has not yet answered. */
export class PendingActions {
  readonly notifier = new FrameNotifier();
  readonly #pending = new Set<string>();

  /** Of one action alone: a stop that waits for its grace time must not keep anyone from killing. */
  has(id: string, name: Action['name']): boolean {
    return this.#pending.has(`${name} ${id}`);
  }

  async during<T>(id: string, name: Action['name'], work: () => Promise<T>): Promise<T> {
    const key = `${name} ${id}`;
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
