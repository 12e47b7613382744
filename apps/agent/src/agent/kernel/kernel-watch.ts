import { setImmediate } from 'node:timers/promises';
import { guarded } from '@plimsoll/core/guarded';
import { PlimsollError, type HostCgroup } from '@plimsoll/protocol';
import { log } from '../log.ts';
import type { Sampler } from '../sampling/sampler.ts';
import type { HostCgroups } from './host-cgroups.ts';

/** Between two looks at the tree, which takes some 0.1 ms a cgroup: longer where there are very many. */
const LEAST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 10_000;
const PAUSE_FACTOR = 19;
/** Whoever goes from one page to another comes back within this. */
const GRACE_MS = 1000;
/** Their files are opened: others get their turn in between. */
const ROWS_AT_ONCE = 64;

export interface Watcher {
  frame(samples: Uint8Array): void;
  /** The whole tree, when it has changed. To who watches all. */
  cgroups(cgroups: readonly HostCgroup[]): void;
}

interface Watching {
  watcher: Watcher;
  /** Null: all of them. */
  path: string | null;
}

/** Reads the host's cgroups as long as somebody watches them, and not otherwise. */
export class KernelWatch implements Disposable {
  readonly #cgroups: HostCgroups;
  readonly #newSampler: () => Sampler;
  readonly #watching = new Set<Watching>();
  /** Paths that are sampled, with the hierarchies in which they were when that began. */
  readonly #rows = new Map<string, string>();
  #sampler: Sampler | null = null;
  #tree: { cgroups: HostCgroup[]; text: string } | null = null;
  #look: Promise<void> | null = null;
  #nextLook: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor(cgroups: HostCgroups, newSampler: () => Sampler) {
    this.#cgroups = cgroups;
    this.#newSampler = newSampler;
  }

  /** Few columns of every cgroup, and the tree. Disposing ends it. */
  watchAll(watcher: Watcher): Disposable {
    return this.#join({ watcher, path: null });
  }

  /** Every column of one. Throws `not-found`. */
  watchOne(path: string, watcher: Pick<Watcher, 'frame'>): Disposable {
    this.#cgroups.requireThere(path);
    const joined = this.#join({ watcher: { ...watcher, cgroups: () => {} }, path });
    if (!this.#rows.has(path)) this.#sample(path, '');
    const detail = this.#sampler?.watch(this.#cgroups.handleOf(path));
    return {
      [Symbol.dispose]: () => {
        detail?.[Symbol.dispose]();
        joined[Symbol.dispose]();
      },
    };
  }

  /** The tree and the history of all, for who has begun to watch it. */
  async all(): Promise<{ cgroups: HostCgroup[]; history: Uint8Array<ArrayBuffer> }> {
    await this.lookNow();
    if (this.#tree === null || this.#sampler === null) {
      throw new PlimsollError('unavailable', 'the cgroups of the host cannot be read');
    }
    return { cgroups: this.#tree.cgroups, history: this.#sampler.tableHistory() };
  }

  /** For who has begun to watch it. */
  historyOf(path: string): Uint8Array<ArrayBuffer> {
    if (this.#sampler === null) throw new PlimsollError('unavailable', 'nobody watches this cgroup');
    return this.#sampler.rowHistory(this.#cgroups.handleOf(path));
  }

  /** Looks at the tree now, where somebody watches it: something in it has been changed. */
  async lookNow(): Promise<void> {
    // One under way may have passed what has changed.
    await this.#look;
    if (!this.#isTreeWatched) return;
    clearTimeout(this.#nextLook);
    this.#look ??= this.#lookAgain().finally(() => (this.#look = null));
    await this.#look;
  }

  get #isTreeWatched(): boolean {
    return this.#isWatched(null);
  }

  #isWatched(path: string | null): boolean {
    return this.#watching.values().some((watching) => watching.path === path);
  }

  /** Never throws: what goes wrong may go well the next time. */
  async #lookAgain(): Promise<void> {
    let tookMs = 0;
    try {
      const startedAt = performance.now();
      const cgroups = await this.#cgroups.look();
      tookMs = performance.now() - startedAt;
      await this.#sampleAll(cgroups);
      this.#tellTree(cgroups);
    } catch (error) {
      log('error', 'cannot look at the cgroups of the host', { error });
    }
    if (!this.#isTreeWatched) return;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, tookMs * PAUSE_FACTOR));
    this.#nextLook = setTimeout(
      guarded('the look at the cgroups of the host', () => this.lookNow()),
      pauseMs,
    );
  }

  #tellTree(cgroups: HostCgroup[]): void {
    if (!this.#isTreeWatched) return;
    const text = JSON.stringify(cgroups);
    if (text === this.#tree?.text) return;
    this.#tree = { cgroups, text };
    for (const { path, watcher } of this.#watching) if (path === null) watcher.cgroups(cgroups);
  }

  async #sampleAll(cgroups: readonly HostCgroup[]): Promise<void> {
    const isFirst = this.#rows.size === 0;
    const present = new Set(cgroups.map(({ path }) => path));
    for (const path of this.#rows.keys()) if (!present.has(path) && !this.#isWatched(path)) this.#forget(path);
    for (const [i, { path, hierarchies }] of cgroups.entries()) {
      if (i % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await setImmediate();
      if (!this.#isTreeWatched) return;
      this.#sample(path, hierarchies.join(' '));
    }
    // Rates come with the second reading: the first need not wait for its beat.
    if (isFirst) this.#sampler?.tick();
  }

  /** `hierarchies`: where it has joined others since, its files are opened anew. */
  #sample(path: string, hierarchies: string): void {
    const before = this.#rows.get(path);
    if (before === hierarchies) return;
    const handle = this.#cgroups.handleOf(path);
    // What watchOne began has its files open where they were a moment ago.
    if (before) this.#sampler?.stop(handle);
    this.#rows.set(path, hierarchies);
    this.#sampler?.start(handle, path);
  }

  #forget(path: string): void {
    this.#rows.delete(path);
    this.#sampler?.forget(this.#cgroups.handleOf(path));
  }

  #join(watching: Watching): Disposable {
    clearTimeout(this.#grace);
    this.#watching.add(watching);
    if (this.#sampler === null) {
      this.#sampler = this.#newSampler();
      this.#sampler.on('tick', () => this.#tell());
    }
    return {
      [Symbol.dispose]: () => {
        if (!this.#watching.delete(watching)) return;
        clearTimeout(this.#grace);
        this.#grace = setTimeout(
          guarded('the end of the watch on the host', () => this.#rest()),
          GRACE_MS,
        );
      },
    };
  }

  #tell(): void {
    const sampler = this.#sampler;
    if (sampler === null) return;
    for (const { path, watcher } of this.#watching) {
      const frame = path === null ? sampler.tableFrame() : sampler.rowFrame(this.#cgroups.handleOf(path));
      if (frame !== null) watcher.frame(frame);
    }
  }

  /** Lets go of what nobody watches any more. */
  #rest(): void {
    if (this.#isTreeWatched) return;
    clearTimeout(this.#nextLook);
    this.#tree = null;
    const watched = new Set(Array.from(this.#watching, ({ path }) => path));
    for (const path of [...this.#rows.keys()]) if (!watched.has(path)) this.#forget(path);
    if (watched.size > 0) return;
    this.#sampler?.[Symbol.dispose]();
    this.#sampler = null;
  }

  [Symbol.dispose](): void {
    this.#watching.clear();
    clearTimeout(this.#grace);
    this.#rest();
  }
}
