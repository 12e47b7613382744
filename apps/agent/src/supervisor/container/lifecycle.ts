import { PlimsollError, type ContainerState } from '@plimsoll/protocol';
import { complain } from '../complain.ts';
import type { Identity } from '../identity.ts';
import type { Desired } from '../journal-entry.ts';
import { requireState, type LifeVerb } from '../transitions.ts';

/** Nearly every start takes less by far. One that another container delays, or a freeze, takes as long as that likes. */
const START_WAITED_MS = 5000;

/** The state of one container, and the turns in which its verbs change it. */
export class Lifecycle {
  readonly identity: Identity;
  readonly #changed: () => void;
  #state: ContainerState = { status: 'created' };
  #removed = false;
  /** The verb under way: the next one waits for it, and then checks the state again. */
  #turn: Promise<unknown> = Promise.resolve();

  /** `changed` is called after each change of the state. */
  constructor(identity: Identity, changed: () => void) {
    this.identity = identity;
    this.#changed = changed;
  }

  get id(): string {
    return this.identity.definition.id;
  }

  get name(): string {
    return this.identity.definition.name;
  }

  get state(): ContainerState {
    return this.#state;
  }

  get status(): ContainerState['status'] {
    return this.#state.status;
  }

  /** It has processes, or is about to have some. */
  get isAlive(): boolean {
    return ['starting', 'running', 'frozen', 'stopping'].includes(this.status);
  }

  become(state: ContainerState): void {
    this.#state = state;
    this.#changed();
  }

  /** The state that a container is found in when the supervisor begins, which is no change. */
  restore(state: ContainerState): void {
    this.#state = state;
  }

  /** Throws `wrong-state` unless the verb means something now. */
  require(verb: LifeVerb): void {
    requireState(this.name, this.status, verb);
  }

  /**
   * Throws `wrong-state` where its start waits behind a frozen group: it does nothing then but begin, or be killed. A verb looks
   * at this before its turn, since a start that is caught in the middle keeps the turn until the thaw.
   */
  requireStarted(verb: LifeVerb): void {
    const frozenBy = this.#state.status === 'starting' ? this.#state.frozenBy : null;
    if (frozenBy === null) return;
    const message = `cannot ${verb} container "${this.name}": it waits to start until its group "${frozenBy}" is thawed`;
    throw new PlimsollError('wrong-state', message, {
      hint: `Thaw the group, or kill the container: \`plimsoll group thaw ${frozenBy}\`.`,
    });
  }

  /**
   * As inTurn, for a verb that does nothing before the start is over. Throws `wrong-state` where the start takes longer than some
   * seconds, or a frozen group holds it up.
   */
  async onceStarted<T>(verb: LifeVerb, act: () => Promise<T>): Promise<T> {
    this.requireStarted(verb);
    if (this.status === 'starting') await this.#untilStarted(verb);
    return await this.inTurn(act);
  }

  async #untilStarted(verb: LifeVerb): Promise<void> {
    const late = Promise.withResolvers<never>();
    const message = `cannot ${verb} container "${this.name}": its start has not come to its command in ${START_WAITED_MS / 1000} s`;
    const error = new PlimsollError('wrong-state', message, { hint: 'Try again later, or kill the container.' });
    const timer = setTimeout(() => late.reject(error), START_WAITED_MS);
    try {
      await Promise.race([this.turns(), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs a verb when those before it are done. Rejects with `not-found` where one of them has removed the container. */
  inTurn<T>(verb: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => {
      if (this.#removed) throw new PlimsollError('not-found', `container "${this.name}" has been removed`);
      return verb();
    });
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Resolves when every verb that was requested by now is done. */
  async turns(): Promise<void> {
    await this.#turn;
  }

  /** Verbs may be waiting behind this one: there is nothing left for them. */
  markRemoved(): void {
    this.#removed = true;
  }

  /** For the supervisor after a crash; the verb does not wait for the disk. */
  recordDesired(desired: Desired): void {
    this.identity.host.late.append({ kind: 'desired', id: this.id, desired }).catch((error: unknown) => {
      complain(`cannot record that container "${this.id}" is to be ${desired}`, error);
    });
  }

  /** The start of this incarnation has failed: it stays so for later supervisors, until the next start. */
  fail(incarnation: number, cause: PlimsollError): void {
    const at = new Date().toISOString();
    const error = cause.toBody();
    this.identity.host.late.append({ kind: 'failed', id: this.id, incarnation, at, error }).catch((reason: unknown) => {
      complain(`cannot record that the start of container "${this.id}" has failed`, reason);
    });
    this.become({ status: 'failed', failedAt: at, error });
  }
}
