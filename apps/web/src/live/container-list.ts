import { ContainerId, ContainerView, EVENTS, Hello } from '@plimsoll/protocol';
import type { AgentConnection } from './connection.ts';
import { FrameNotifier } from './frame-notifier.ts';
import { nextFreezeSpans, type FreezeSpan } from './freeze-spans.ts';

const NO_SPANS: readonly FreezeSpan[] = [];

/** Every container as the agent last told of it. Null before its first hello. */
export class ContainerList {
  readonly notifier = new FrameNotifier();
  readonly #views = new Map<string, ContainerView>();
  #snapshot: readonly ContainerView[] | null = null;
  #hello: Hello | null = null;
  #removed: ReadonlySet<string> = new Set();
  readonly #freezes = new Map<string, readonly FreezeSpan[]>();

  constructor(connection: AgentConnection) {
    connection.onEvent(EVENTS.hello, (payload) => {
      const hello = Hello.safeParse(payload);
      if (!hello.success) return;
      this.#hello = hello.data;
      const present = new Set(hello.data.containers.map(({ id }) => id));
      this.#removed = new Set([...this.#removed, ...[...this.#views.keys()].filter((id) => !present.has(id))]);
      this.#views.clear();
      for (const view of hello.data.containers) this.#set(view);
      this.#changed();
    });
    connection.onEvent(EVENTS.container, (payload) => {
      const view = ContainerView.safeParse(payload);
      if (view.success) this.put(view.data);
    });
    connection.onEvent(EVENTS.removed, (payload) => {
      const id = ContainerId.safeParse(payload);
      if (!id.success) return;
      this.#views.delete(id.data);
      this.#freezes.delete(id.data);
      this.#removed = new Set([...this.#removed, id.data]);
      this.#changed();
    });
  }

  readonly hello = (): Hello | null => this.#hello;
  readonly all = (): readonly ContainerView[] | null => this.#snapshot;
  readonly get = (id: string): ContainerView | undefined => this.#views.get(id);
  readonly wasRemoved = (id: string): boolean => this.#removed.has(id);

  /** Handles number the rows of sample frames, for the life of one agent. */
  idOf(handle: number): string | undefined {
    return this.#byHandle().get(handle);
  }

  /** Also called with the view that a command was answered with, which may come before its event. */
  put(view: ContainerView): void {
    this.#set(view);
    this.#changed();
  }

  /** Since this page was opened, and the one that it found. */
  freezes(id: string): readonly FreezeSpan[] {
    return this.#freezes.get(id) ?? NO_SPANS;
  }

  #set(view: ContainerView): void {
    this.#views.set(view.id, view);
    const spans = this.freezes(view.id);
    const next = nextFreezeSpans(spans, view, Date.now());
    if (next !== spans) this.#freezes.set(view.id, next);
  }

  #handles: Map<number, string> | null = null;
  #byHandle(): Map<number, string> {
    this.#handles ??= new Map([...this.#views.values()].map((view) => [view.handle, view.id]));
    return this.#handles;
  }

  #changed(): void {
    this.#handles = null;
    this.#snapshot = this.#hello === null ? null : [...this.#views.values()];
    this.notifier.changed();
  }
}
