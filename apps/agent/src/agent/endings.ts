import { PlimsollError, type ContainerView } from '@plimsoll/protocol';
import type { Registry } from './registry.ts';

/** How long it is known of a container that was removed how it ended: a client may be between two questions. */
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 1000;

type Waiter = (view: ContainerView | null) => void;

/** Answers how containers ended, also those that are removed with their end. */
export class Endings implements Disposable {
  readonly #registry: Registry;
  /** By id. */
  readonly #waiters = new Map<string, Set<Waiter>>();
  /** Containers that ended and were removed, the last one last. */
  readonly #removed = new Map<string, { view: ContainerView; atMs: number }>();

  constructor(registry: Registry) {
    this.#registry = registry;
    registry.on('container', this.#changed).on('removed', this.#gone);
  }

  /**
   * Its view when it does not run (any more); null when the time has passed. Throws `not-found` where it is not there, or was removed
   * without anybody having seen its end.
   */
  async wait(ref: string, timeoutMs: number): Promise<ContainerView | null> {
    const view = this.#find(ref);
    if (hasEnded(view)) return view;
    const { promise, resolve } = Promise.withResolvers<ContainerView | null>();
    const waiters = this.#waiters.get(view.id) ?? new Set();
    this.#waiters.set(view.id, waiters.add(resolve));
    const timer = setTimeout(() => resolve(null), timeoutMs);
    try {
      const last = await promise;
      if (last === null || hasEnded(last)) return last;
      throw new PlimsollError('not-found', `container "${view.name}" was removed, and how it ended is not known`);
    } finally {
      clearTimeout(timer);
      waiters.delete(resolve);
      if (waiters.size === 0) this.#waiters.delete(view.id);
    }
  }

  [Symbol.dispose](): void {
    this.#registry.off('container', this.#changed).off('removed', this.#gone);
    for (const waiters of this.#waiters.values()) for (const waiter of waiters) waiter(null);
  }

  readonly #changed = (view: ContainerView): void => {
    if (hasEnded(view)) this.#tell(view);
  };

  readonly #gone = (view: ContainerView): void => {
    this.#tell(view);
    if (!hasEnded(view)) return;
    this.#removed.set(view.id, { view, atMs: performance.now() });
    for (const [id, { atMs }] of this.#removed) {
      if (this.#removed.size <= MOST_REMEMBERED && performance.now() - atMs < REMEMBERED_MS) break;
      this.#removed.delete(id);
    }
  };

  #tell(view: ContainerView): void {
    for (const waiter of this.#waiters.get(view.id) ?? []) waiter(view);
  }

  #find(ref: string): ContainerView {
    try {
      return this.#registry.resolve(ref);
    } catch (error) {
      const isMissing = error instanceof PlimsollError && error.code === 'not-found';
      const removed = isMissing ? [...this.#removed.values()] : [];
      const known = removed.findLast(({ view: { id, name } }) => id === ref || name === ref);
      if (known === undefined || performance.now() - known.atMs > REMEMBERED_MS) throw error;
      return known.view;
    }
  }
}

function hasEnded({ state: { status } }: ContainerView): boolean {
  return status === 'exited' || status === 'failed' || status === 'created';
}
