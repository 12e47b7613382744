import type { Cgroup } from '../cgroups/cgroup.ts';
import { isHeldByFreeze } from '../cgroups/freeze.ts';
import { sendKill } from '../cgroups/kill.ts';
import type { EventLoop } from '../events/event-loop.ts';
import { guarded } from '../events/guarded.ts';
import { tryCall } from '../program/call.ts';

const SIGKILL = 9;
/** What a start has, from the moment when a zygote begins with it. */
const WITHIN_MS = 30_000;
const LOOK_MS = 250;

/** A start did not come to exec in time; nothing of it is left. */
export class StartTimeout extends Error {
  override readonly name = 'StartTimeout';
}

export interface StartDeadlineParts {
  loop: EventLoop;
  cgroup: Cgroup;
  /** The start is given up, for its reason. */
  signal?: AbortSignal | undefined;
  /** In place of 30 s. */
  withinMs?: number | undefined;
}

/**
 * Ends a start that is given up, or that takes too long: a process of another container in the same pid namespace can stop the
 * one that is being set up. Time in a frozen cgroup does not count, nor does time in which this process is itself stopped.
 *
 * SIGKILL ends stopped and frozen processes, and CLONE_VFORK's wait (kernel/fork.c, wait_for_vfork_done).
 */
export class StartDeadline implements Disposable {
  readonly #parts: StartDeadlineParts;
  readonly #what: string;
  readonly #giveUp: () => void;
  /** Outside of the cgroup, or on the way into it. */
  #processes: () => number[] = () => [];
  #timer: NodeJS.Timeout | undefined;
  #leftMs: number;
  #lookedAt = 0;
  #why: Error | null = null;
  #killing: Promise<void> = Promise.resolve();

  constructor(parts: StartDeadlineParts) {
    this.#parts = parts;
    this.#what = `the start in cgroup ${parts.cgroup.path}`;
    this.#leftMs = parts.withinMs ?? WITHIN_MS;
    this.#giveUp = guarded(this.#what, () => this.#end(parts.signal?.reason as Error));
  }

  /** `processes`: those that the start has cloned by now, of which none is reaped before the deadline is disposed of. */
  begin(processes: () => number[]): void {
    this.#processes = processes;
    this.#lookedAt = performance.now();
    this.#timer = setInterval(guarded(this.#what, this.#look), LOOK_MS).unref();
    const { signal } = this.#parts;
    signal?.addEventListener('abort', this.#giveUp);
    // Aborted between the end of the wait for a zygote and now: that listener is not called any more.
    if (signal?.aborted === true) this.#giveUp();
  }

  /** Once the start is over, for better or worse. Throws where that was this deadline's doing. */
  async settle(): Promise<void> {
    this[Symbol.dispose]();
    await this.#killing.catch(() => {});
    if (this.#why !== null) throw this.#why;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#parts.signal?.removeEventListener('abort', this.#giveUp);
  }

  readonly #look = async (): Promise<void> => {
    const now = performance.now();
    const passedMs = Math.min(now - this.#lookedAt, 2 * LOOK_MS);
    this.#lookedAt = now;
    // Once more: it may have cloned since.
    if (this.#why !== null) return await this.#kill();
    if (isHeldByFreeze(this.#parts.cgroup)) return;
    this.#leftMs -= passedMs;
    if (this.#leftMs > 0) return;
    const seconds = (this.#parts.withinMs ?? WITHIN_MS) / 1000;
    await this.#end(new StartTimeout(`its command was not reached within ${seconds} s`));
  };

  async #end(why: Error): Promise<void> {
    this.#why ??= why;
    await this.#kill();
  }

  async #kill(): Promise<void> {
    for (const pid of this.#processes()) tryCall('kill', pid, SIGKILL);
    this.#killing = sendKill(this.#parts.loop, this.#parts.cgroup);
    await this.#killing;
  }
}
