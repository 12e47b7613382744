import { PlimsollError } from '@plimsoll/protocol';
import { complain } from '../complain.ts';
import { startIncarnation } from '../start-incarnation.ts';
import { startFailure } from '../start-failure.ts';
import type { Freezer } from './freezer.ts';
import type { Incarnations } from './incarnations.ts';
import type { Lifecycle } from './lifecycle.ts';

export interface StarterParts {
  lifecycle: Lifecycle;
  incarnations: Incarnations;
  freezer: Freezer;
  /** Called before a start: its groups' cgroups are there afterwards, with their limits. */
  prepareGroup: () => void;
}

/**
 * Starts one container. A frozen group holds a start up: one that has not begun waits here until the group is thawed, and one
 * that is caught in the middle waits in the kernel, within its turn. Either is `starting` meanwhile, with `frozenBy`.
 */
export class Starter {
  readonly #lifecycle: Lifecycle;
  readonly #incarnations: Incarnations;
  readonly #freezer: Freezer;
  readonly #prepareGroup: () => void;
  /** A start waits that has not begun. */
  #waits = false;
  /** Of a start that has begun. */
  #underWay: AbortController | null = null;
  /** Called when a start under way is found to be held up. */
  readonly #onHeldUp = new Set<() => void>();

  constructor({ lifecycle, incarnations, freezer, prepareGroup }: StarterParts) {
    this.#lifecycle = lifecycle;
    this.#incarnations = incarnations;
    this.#freezer = freezer;
    this.#prepareGroup = prepareGroup;
  }

  /**
   * Resolves when the command has been exec'd and the start is on disk; or, as `starting`, when a frozen group holds the
   * start up: it goes on by itself when that is thawed. It joins a start under way, and does nothing where it runs already.
   */
  async start(): Promise<void> {
    const { state } = this.#lifecycle;
    if (state.status !== 'starting') return await this.#untilHeldUp(this.#lifecycle.inTurn(() => this.#startInTurn()));
    if (state.frozenBy === null) await this.#untilHeldUp(this.#joined());
  }

  async #startInTurn(): Promise<void> {
    const { id, identity, name, status } = this.#lifecycle;
    if (status === 'frozen') this.#freezer.reasons.requireNotHeld(name, 'start');
    if (identity.definition.lost === true && status !== 'running') {
      const message = `cannot start container "${name}": its definition is lost`;
      throw new PlimsollError('wrong-state', message, { hint: 'Its files are still there. Remove it, and make it anew.' });
    }
    this.#lifecycle.require('start');
    if (status === 'starting' || status === 'running') return;
    const frozenBy = this.#freezer.reasons.byGroup;
    if (frozenBy === null) return await this.#startNow();
    this.#wait(frozenBy);
    try {
      await identity.host.journal.append({ kind: 'desired', id, desired: 'running' });
    } catch (cause) {
      const error = startFailure(name, cause);
      this.#waits = false;
      if (this.#lifecycle.status === 'starting') this.#lifecycle.fail(this.#incarnations.number, error);
      throw error;
    }
  }

  /** As the start under way comes out. */
  async #joined(): Promise<void> {
    await this.#lifecycle.turns();
    const { state } = this.#lifecycle;
    if (state.status === 'failed') throw PlimsollError.from(state.error);
  }

  /** The state shows the outcome of a start that waits. */
  async #untilHeldUp(started: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onHeldUp.add(resolve);
    try {
      await Promise.race([started, promise]);
    } finally {
      this.#onHeldUp.delete(resolve);
    }
  }

  /** A start that waited when the supervisor before ended: it waits on, or begins. */
  resume(): void {
    this.#wait(this.#freezer.reasons.byGroup);
    this.groupChanged();
  }

  /** A group that the container is in was frozen or thawed: a start is held up by it, or goes on. */
  groupChanged(): void {
    const { state } = this.#lifecycle;
    if (state.status !== 'starting') return;
    const frozenBy = this.#freezer.reasons.byGroup;
    if (state.frozenBy !== frozenBy) this.#lifecycle.become({ status: 'starting', frozenBy });
    if (frozenBy !== null) return this.#onHeldUp.forEach((tell) => tell());
    if (!this.#waits) return;
    this.#waits = false;
    this.#lifecycle
      .inTurn(() => this.#startNow())
      .catch((error: unknown) => {
        complain(`container "${this.#lifecycle.id}" could not start when its group was thawed`, error);
      });
  }

  /** The container is being killed: a start that waits has failed. One that has begun ends, and its turn with it. */
  giveUp(): void {
    const { name } = this.#lifecycle;
    const wasKilled = (when: string) =>
      new PlimsollError('start-failed', `container "${name}" was killed while it ${when}`, { hint: 'Start it again.' });
    this.#underWay?.abort(wasKilled('started'));
    if (!this.#waits) return;
    this.#waits = false;
    this.#lifecycle.fail(this.#incarnations.number, wasKilled('waited to start'));
  }

  #wait(frozenBy: string | null): void {
    this.#waits = true;
    this.#lifecycle.become({ status: 'starting', frozenBy });
  }

  async #startNow(): Promise<void> {
    this.#incarnations.countStart();
    this.#lifecycle.become({ status: 'starting', frozenBy: null });
    this.#freezer.reasons.clearOwn();
    const underWay = new AbortController();
    this.#underWay = underWay;
    try {
      await this.#incarnations.settle();
      // What waits of the start before this one would overrule it.
      await this.#lifecycle.identity.host.late.settle(this.#lifecycle.id);
      this.#prepareGroup();
      const { incarnation, recorded, ...lacks } = await startIncarnation(
        this.#lifecycle.identity,
        this.#incarnations.number,
        underWay.signal,
      );
      this.#underWay = null;
      this.#incarnations.follow(incarnation, lacks);
      this.#lifecycle.become({ status: 'running', pid: incarnation.pid, startedAt: incarnation.startedAt });
      this.#freezer.show();
      await recorded;
    } catch (cause) {
      // Nor is it for the next supervisor to start.
      this.#lifecycle.recordDesired('stopped');
      const error = startFailure(this.#lifecycle.name, cause);
      if (this.#lifecycle.status === 'starting') this.#lifecycle.fail(this.#incarnations.number, error);
      throw error;
    } finally {
      this.#underWay = null;
    }
  }
}
