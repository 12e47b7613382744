import type { Action } from '../lib/actions.ts';
import { FrameNotifier } from './frame-notifier.ts';

/** Commands that the agent has not yet answered, by container. */
export class PendingActions {
  readonly notifier = new FrameNotifier();
  readonly #pending = new Map<string, Action['name']>();

  of(id: string): Action['name'] | undefined {
    return this.#pending.get(id);
  }

  async during<T>(id: string, name: Action['name'], work: () => Promise<T>): Promise<T> {
    this.#pending.set(id, name);
    this.notifier.changed();
    try {
      return await work();
    } finally {
      this.#pending.delete(id);
      this.notifier.changed();
    }
  }
}
