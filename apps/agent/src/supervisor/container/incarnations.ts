import type { FinalCounters } from '@plimsoll/protocol';
import { setTimeout as delay } from 'node:timers/promises';
import { guarded } from '@plimsoll/core/guarded';
import { adoptIncarnation } from '../adopt-incarnation.ts';
import type { Incarnation } from '../incarnation.ts';
import type { RuntimeState } from '../store.ts';
import type { Lifecycle } from './lifecycle.ts';

/** By init, which on some hosts never does: nothing may wait for it for good. */
const REAPED_WITHIN_MS = 1000;

/** What the last start had less than the definition has. */
interface Lacks {
  /** Why it had no user namespace. */
  fallback: string | null;
  /** Sources of binds that show the host's ids, since their file system cannot show others. */
  unmapped: readonly string[];
}

const NOTHING_LACKS: Lacks = { fallback: null, unmapped: [] };

/** The runs of one container, one at a time: the one under way until its end, and what is known of the last. */
export class Incarnations {
  readonly #lifecycle: Lifecycle;
  /** How often the container was started. */
  #number = 0;
  #lastExit: FinalCounters | null = null;
  #lacks: Lacks = NOTHING_LACKS;
  #current: Incarnation | null = null;
  #settle: () => Promise<void> = async () => {};
  #isRecorded: () => boolean = () => true;
  #ended: Promise<void> = Promise.resolve();
  #killTimer: NodeJS.Timeout | undefined;

  constructor(lifecycle: Lifecycle) {
    this.#lifecycle = lifecycle;
  }

  /** Of the incarnation under way, or of the last. */
  get number(): number {
    return this.#number;
  }

  get lastExit(): FinalCounters | null {
    return this.#lastExit;
  }

  get lacks(): Lacks {
    return this.#lacks;
  }

  /** Null: none is under way. A start has none yet. */
  get current(): Incarnation | null {
    return this.#current;
  }

  /** Resolves when the incarnation under way has ended, and the state says so. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** The end of the last one is on record. */
  get isRecorded(): boolean {
    return this.#isRecorded();
  }

  /** What the journal knew. */
  restore(number: number, lastExit: FinalCounters | null): void {
    this.#number = number;
    this.#lastExit = lastExit;
  }

  /** Counts a start. */
  countStart(): void {
    this.#number++;
  }

  /** Resolves when nothing is held of the start before any more: the next one has to wait for this. Throws `disk-full` before its end is on record. */
  settle(): Promise<void> {
    return this.#settle();
  }

  /** An incarnation that was just started. With its end the container becomes `exited`. */
  follow(incarnation: Incarnation, lacks: Lacks): void {
    this.#lacks = lacks;
    this.#current = incarnation;
    this.#settle = async () => {
      incarnation.requireRecorded();
      await incarnation.settle();
    };
    this.#isRecorded = () => incarnation.isRecorded;
    this.#ended = incarnation.ended.then(({ counters, ...ending }) => {
      this.#current = null;
      clearTimeout(this.#killTimer);
      this.#lastExit = counters;
      this.#lifecycle.become({ status: 'exited', ...ending });
    });
  }

  /** Follows what the supervisor before left. False: it has ended since; this resolves when the end is recorded. */
  async adopt(runtime: RuntimeState): Promise<boolean> {
    this.#number = runtime.incarnation;
    const incarnation = adoptIncarnation(this.#lifecycle.identity, runtime);
    this.follow(incarnation, NOTHING_LACKS);
    if (!incarnation.isHeld) {
      await this.#ended;
      return false;
    }
    // A start that died with its supervisor is given up.
    if (!incarnation.hasBegun) {
      await incarnation.kill();
      await this.#ended;
      return false;
    }
    // It may have ended a moment ago, and wait for init to reap it: then this is no container that runs.
    if (incarnation.isOver) {
      await Promise.race([this.#ended, delay(REAPED_WITHIN_MS)]);
      return false;
    }
    const { pid, startedAt } = incarnation;
    this.#lifecycle.restore({ status: 'running', pid, startedAt });
    return true;
  }

  /** Kills the one under way after that time, unless it ends before; in place of a kill that was to come at another time. */
  killAfter(graceMs: number): void {
    const incarnation = this.#current;
    clearTimeout(this.#killTimer);
    this.#killTimer = setTimeout(
      guarded(`the kill of container "${this.#lifecycle.id}" after its grace time`, () => incarnation?.kill()),
      graceMs,
    );
  }
}
