type Listener = () => void;

const dirty = new Set<FrameNotifier>();
let scheduled = false;

/**
 * Tells its subscribers of changes once a frame at most, all notifiers of the page in one go. A page in the background gets
 * no frames: data goes on coming into the stores, and nothing is drawn.
 */
export class FrameNotifier {
  readonly #listeners = new Set<Listener>();
  #version = 0;

  /** Changes with every change: what useSyncExternalStore compares. */
  readonly version = (): number => this.#version;

  readonly subscribe = (listener: Listener): Listener => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  changed(): void {
    this.#version += 1;
    if (this.#listeners.size === 0) return;
    dirty.add(this);
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(flush);
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

function flush(): void {
  scheduled = false;
  const notifiers = [...dirty];
  dirty.clear();
  for (const notifier of notifiers) notifier.notify();
}
