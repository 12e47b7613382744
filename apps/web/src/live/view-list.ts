import { FrameNotifier } from './frame-notifier.ts';
import { nextFreezeSpans, type FreezeSpan } from './freeze-spans.ts';

const NO_SPANS: readonly FreezeSpan[] = [];

/** What a list must know of the views in it. */
interface Kind<View> {
  key: (view: View) => string;
  /** Since when it is frozen. Null: it is not. */
  frozenAt: (view: View) => string | null;
}

/** Every container, or every group, as the agent last told of it. Null before its first hello. */
export class ViewList<View extends { handle: number }> {
  readonly notifier = new FrameNotifier();
  readonly #kind: Kind<View>;
  readonly #views = new Map<string, View>();
  #snapshot: readonly View[] | null = null;
  #removed: ReadonlySet<string> = new Set();
  #handles: Map<number, string> | null = null;
  readonly #freezes = new Map<string, readonly FreezeSpan[]>();

  constructor(kind: Kind<View>) {
    this.#kind = kind;
  }

  readonly all = (): readonly View[] | null => this.#snapshot;
  readonly get = (key: string): View | undefined => this.#views.get(key);
  readonly wasRemoved = (key: string): boolean => this.#removed.has(key);

  /** Handles number the rows of sample frames, for the life of one agent. */
  keyOf(handle: number): string | undefined {
    this.#handles ??= new Map([...this.#views].map(([key, view]) => [view.handle, key]));
    return this.#handles.get(handle);
  }

  /** Since this page was opened, and the one that it found. */
  freezes(key: string): readonly FreezeSpan[] {
    return this.#freezes.get(key) ?? NO_SPANS;
  }

  /** All that there is: what was known and is not in it has been removed. */
  replace(views: readonly View[]): void {
    const present = new Set(views.map(this.#kind.key));
    this.#removed = new Set([...this.#removed, ...this.#views.keys()].filter((key) => !present.has(key)));
    this.#views.clear();
    for (const view of views) this.#set(view);
    this.#changed(true);
  }

  /** Also called with the view that a command was answered with, which may come before its event. */
  put(view: View): void {
    this.#set(view);
    this.#changed(this.#snapshot !== null);
  }

  remove(key: string): void {
    this.#views.delete(key);
    this.#freezes.delete(key);
    this.#removed = new Set(this.#removed).add(key);
    this.#changed(this.#snapshot !== null);
  }

  #set(view: View): void {
    const key = this.#kind.key(view);
    this.#views.set(key, view);
    const spans = this.freezes(key);
    const next = nextFreezeSpans(spans, this.#kind.frozenAt(view), Date.now());
    if (next !== spans) this.#freezes.set(key, next);
  }

  #changed(complete: boolean): void {
    this.#handles = null;
    if (complete) this.#snapshot = [...this.#views.values()];
    this.notifier.changed();
  }
}
