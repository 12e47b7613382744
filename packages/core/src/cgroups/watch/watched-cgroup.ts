import { readFileSync } from 'node:fs';
import type { EventLoop } from '../../events/event-loop.ts';
import type { FileChanges } from '../../events/file-changes.ts';
import type { ZygotePool } from '../../zygote/zygote-pool.ts';
import type { Cgroup } from '../cgroup.ts';
import { flatValue } from '../events.ts';
import { readEventCounts, type EventCounts } from './event-counts.ts';
import { Looks } from './looks.ts';
import { watchMemorySignals } from './memory-signals.ts';
import { SoftLimit } from './soft-limit.ts';
import type { Starvation, StarvedResource } from './starvation.ts';

/** A cgroup that thrashes wakes us a hundred times a second. */
const LOOK_EACH_MS = 100;
/** v1 signals before it kills, and choosing whom takes time. */
const AFTER_A_SIGNAL_MS = [20, 500];
/** v1 does not tell of forks that are refused after the first: as long as there are more it is looked for them. */
const REFUSED_AGAIN_MS = 10_000;

export interface CgroupListener {
  /** False: the last process has left it and all below it. */
  onPopulated?: (populated: boolean) => void;
  /** True: every process is frozen, whoever asked for it, here or above. */
  onFrozen?: (frozen: boolean) => void;
  onCounts?: (counts: EventCounts) => void;
  onStarving?: (resource: StarvedResource, share: number) => void;
}

interface Parts {
  loop: EventLoop;
  zygotes: ZygotePool;
  changes: FileChanges;
  starvation: Starvation;
  ended: () => void;
}

/** One cgroup that is watched. Disposing of it ends that; it outlives the cgroup without harm. */
export class WatchedCgroup implements Disposable {
  readonly #cgroup: Cgroup;
  readonly #listener: CgroupListener;
  readonly #parts: Parts;
  readonly #owned = new DisposableStack();
  readonly #looks: Looks;
  readonly #softLimit: SoftLimit | null = null;
  /** As a container that has just started is. */
  #state = { populated: true, frozen: false };
  #counts: EventCounts | null = null;

  constructor(cgroup: Cgroup, listener: CgroupListener, parts: Parts) {
    this.#cgroup = cgroup;
    this.#listener = listener;
    this.#parts = parts;
    this.#looks = this.#owned.use(new Looks(LOOK_EACH_MS, () => this.#look()));
    this.#watchFile(cgroup.unifiedFile('cgroup.events'), () => this.#lookAtState());
    this.#watchFile(cgroup.file('pids', 'pids.events'), () => this.wake());
    if (cgroup.hierarchy('memory')?.version === 2) {
      this.#watchFile(cgroup.file('memory', 'memory.events'), () => this.wake());
    } else if (cgroup.hierarchy('memory') !== undefined) {
      this.#owned.use(watchMemorySignals(parts.loop, cgroup, () => this.#signalled()));
      this.#softLimit = this.#owned.use(new SoftLimit(cgroup, () => this.wake()));
    }
    const { onStarving } = listener;
    if (onStarving !== undefined) this.#owned.use(parts.starvation.join({ path: cgroup.path, onStarving }));
    this.limitsChanged();
    this.#lookAtState();
    this.wake();
  }

  /** Its soft limit may be another now. */
  limitsChanged(): void {
    // Where the cgroup is gone there is nothing to be told.
    this.#softLimit?.arm(this.#parts.loop, this.#parts.zygotes).catch(() => {});
  }

  /** Looks at the counters, now or soon. */
  wake(): void {
    this.#looks.wake();
  }

  /** What it counted in all, at its end. Null: it is gone already. */
  end(): EventCounts | null {
    const counts = this.#read();
    this[Symbol.dispose]();
    return counts;
  }

  #signalled(): void {
    this.wake();
    for (const afterMs of AFTER_A_SIGNAL_MS) this.#looks.again(afterMs);
  }

  #watchFile(path: string | null, changed: () => void): void {
    const watch = path === null ? null : this.#parts.changes.watch(path, changed);
    if (watch !== null) this.#owned.use(watch);
  }

  #look(): void {
    const counts = this.#read();
    if (counts === null) return;
    const before = this.#counts;
    this.#counts = counts;
    if (before !== null && areEqual(before, counts)) return;
    const isV1 = this.#cgroup.hierarchy('pids')?.version === 1;
    if (isV1 && counts.pidsRefused > (before?.pidsRefused ?? 0)) this.#looks.again(REFUSED_AGAIN_MS);
    this.#listener.onCounts?.(counts);
  }

  #read(): EventCounts | null {
    const counts = readEventCounts(this.#cgroup);
    return counts === null ? null : { ...counts, memoryHigh: counts.memoryHigh + (this.#softLimit?.count ?? 0) };
  }

  #lookAtState(): void {
    const file = this.#cgroup.unifiedFile('cgroup.events');
    const text = file === null ? null : readIfThere(file);
    if (text === null) return;
    const before = this.#state;
    this.#state = { populated: flatValue(text, 'populated') === '1', frozen: flatValue(text, 'frozen') === '1' };
    if (this.#state.frozen !== before.frozen) this.#listener.onFrozen?.(this.#state.frozen);
    if (this.#state.populated !== before.populated) this.#listener.onPopulated?.(this.#state.populated);
  }

  [Symbol.dispose](): void {
    this.#owned[Symbol.dispose]();
    this.#parts.ended();
  }
}

function areEqual(a: EventCounts, b: EventCounts): boolean {
  return (Object.keys(a) as (keyof EventCounts)[]).every((key) => a[key] === b[key]);
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
