import { COMMANDS, EVENTS, type HostCgroup, type Samples } from '@plimsoll/protocol';
import type { AgentConnection } from './connection.ts';
import { newestFigures, NO_FIGURES, type Figures } from './figures.ts';
import { FrameNotifier } from './frame-notifier.ts';
import { watch } from './watch.ts';

const HostCgroups = COMMANDS['kernel.cgroups'].result;

/** The cgroups of the whole host, and the newest figures of each. */
export class KernelTree {
  /** Of cgroups that come, go and change; figures have one of their own, since they change with every sample. */
  readonly notifier = new FrameNotifier();
  readonly figuresNotifier = new FrameNotifier();
  readonly #connection: AgentConnection;
  #cgroups: readonly HostCgroup[] | null = null;
  #byPath = new Map<string, HostCgroup>();
  #pathOf = new Map<number, string>();
  #figures = new Map<string, Figures>();

  constructor(connection: AgentConnection) {
    this.#connection = connection;
  }

  /** Null before the first answer. */
  readonly all = (): readonly HostCgroup[] | null => this.#cgroups;
  readonly get = (path: string): HostCgroup | undefined => this.#byPath.get(path);
  readonly figures = (path: string): Figures => this.#figures.get(path) ?? NO_FIGURES;

  /** What a command was answered with, which may come before the event. */
  put(cgroup: HostCgroup): void {
    if (this.#byPath.has(cgroup.path)) this.#set((this.#cgroups ?? []).map((one) => (one.path === cgroup.path ? cgroup : one)));
  }

  watch(): () => void {
    const offCgroups = this.#connection.onEvent(EVENTS.cgroups, (payload) => {
      const cgroups = HostCgroups.safeParse(payload);
      if (cgroups.success) this.#set(cgroups.data);
    });
    const unwatch = watch(
      this.#connection,
      { kind: 'kernel' },
      {
        history: (samples, cgroups) => {
          this.#set(cgroups);
          this.#add(samples);
        },
        frame: (samples) => this.#add(samples),
      },
    );
    return () => {
      offCgroups();
      unwatch();
    };
  }

  #set(cgroups: readonly HostCgroup[]): void {
    this.#cgroups = cgroups;
    this.#byPath = new Map(cgroups.map((cgroup) => [cgroup.path, cgroup]));
    this.#pathOf = new Map(cgroups.map(({ handle, path }) => [handle, path]));
    this.notifier.changed();
  }

  #add(samples: Samples): void {
    if (samples.times.length === 0) return;
    const figures = new Map<string, Figures>();
    samples.handles.forEach((handle, row) => {
      const path = this.#pathOf.get(handle);
      if (path !== undefined) figures.set(path, newestFigures(samples, row));
    });
    this.#figures = figures;
    this.figuresNotifier.changed();
  }
}
