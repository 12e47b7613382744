import { thawCgroup } from '@plimsoll/core';
import { guarded } from '@plimsoll/core/guarded';
import { PlimsollError, signalNumber, type Signal } from '@plimsoll/protocol';
import type { FreezeReasons } from './freeze-reasons.ts';
import type { Incarnations } from './incarnations.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Starter } from './starter.ts';

export interface StopperParts {
  lifecycle: Lifecycle;
  incarnations: Incarnations;
  reasons: FreezeReasons;
  starter: Starter;
}

/** Signals one container, stops it within a grace time, kills it, and restarts it. */
export class Stopper {
  readonly #lifecycle: Lifecycle;
  readonly #incarnations: Incarnations;
  readonly #reasons: FreezeReasons;
  readonly #starter: Starter;
  /** The container is stopped to be started again: how that start comes out. Null as well once that is given up. */
  #restart: Promise<void> | null = null;

  constructor({ lifecycle, incarnations, reasons, starter }: StopperParts) {
    this.#lifecycle = lifecycle;
    this.#incarnations = incarnations;
    this.#reasons = reasons;
    this.#starter = starter;
  }

  /** The end of the container is not the last: a start follows. */
  get isRestarting(): boolean {
    return this.#restart !== null;
  }

  /** To its first process, any but SIGKILL. Resolves when it is sent. */
  async signal(signal: Signal): Promise<void> {
    await this.#lifecycle.onceStarted('signal', async () => {
      const { name, status } = this.#lifecycle;
      if (status === 'frozen') this.#reasons.requireNotHeld(name, 'signal');
      this.#lifecycle.require('signal');
      if (this.#incarnations.current?.signal(signalNumber(signal))) return;
      throw new PlimsollError('wrong-state', `cannot signal container "${name}": it has just ended`);
    });
  }

  /**
   * Resolves when it has ended: by its own will after SIGTERM, or killed after the grace time. Of a stop under way the earlier kill
   * holds; one that does not run is stopped. A start that is still under way after the grace time is given up.
   */
  async stop(graceMs: number): Promise<void> {
    this.#lifecycle.requireStarted('stop');
    await this.#endStartAfter(graceMs, () => this.expectEnd());
    await this.#lifecycle.inTurn(async () => {
      this.#lifecycle.require('stop');
      if (!this.#lifecycle.isAlive) return;
      await this.#beginStop(graceMs, 'stop', () => this.#stayStopped());
    });
    await this.#incarnations.ended;
  }

  /** Stops it where it runs, and starts it: no other verb comes in between. Resolves as `start` does. */
  async restart(graceMs: number): Promise<void> {
    this.#lifecycle.requireStarted('restart');
    await this.#endStartAfter(graceMs, () => this.#starter.giveUp());
    const started = await this.#lifecycle.inTurn(async () => {
      this.#lifecycle.require('restart');
      if (!this.#lifecycle.isAlive) return null;
      await this.#beginStop(graceMs, 'restart', () => this.#lifecycle.recordDesired('restarted'));
      // The first of several requests that come meanwhile starts it.
      return { again: (this.#restart ??= this.#startWhenEnded()) };
    });
    await (started === null ? this.#starter.start() : started.again);
  }

  /**
   * Resolves when every process of it is gone and its exit record is durable. It acts in no turn, since a start that a frozen group
   * caught in the middle keeps its own.
   */
  async kill(): Promise<void> {
    this.#lifecycle.require('kill');
    this.expectEnd();
    // A start has no incarnation yet: it has ended with `expectEnd`, or is about to.
    if (this.#incarnations.current === null && this.#lifecycle.status === 'starting') await this.#lifecycle.turns();
    await this.#incarnations.current?.kill();
    await this.ended();
  }

  /** Its processes are about to be killed; a start that waits, or is to follow, is given up. */
  expectEnd(): void {
    this.#stayStopped();
    this.#starter.giveUp();
  }

  /** Resolves when it does not run. */
  async ended(): Promise<void> {
    await this.#lifecycle.turns();
    await this.#incarnations.ended;
  }

  /** A start under way has the grace time to come to its command, which is then stopped as ever. */
  async #endStartAfter(graceMs: number, end: () => void): Promise<void> {
    if (this.#lifecycle.status !== 'starting') return;
    const timer = setTimeout(guarded(`the start of container "${this.#lifecycle.id}"`, end), graceMs);
    await this.#lifecycle.turns().finally(() => clearTimeout(timer));
  }

  /** SIGTERM, unless it was sent, and a kill after the grace time; `record` journals the desired state before that. */
  async #beginStop(graceMs: number, verb: string, record: () => void): Promise<void> {
    const { state, name, identity } = this.#lifecycle;
    const killAt = new Date(Date.now() + graceMs).toISOString();
    if (state.status === 'stopping') {
      record();
      if (killAt < state.killAt) this.#killAt(killAt, graceMs, state);
      return;
    }
    if (state.status !== 'running' && state.status !== 'frozen') return;
    this.#reasons.requireNotHeld(name, verb);
    record();
    this.#killAt(killAt, graceMs, state);
    this.#incarnations.current?.signal(signalNumber('SIGTERM'));
    // A frozen process takes no signal but a kill.
    if (state.status === 'frozen') await thawCgroup(identity.host.kernel.loop, identity.cgroup);
  }

  #killAt(killAt: string, graceMs: number, { pid, startedAt }: { pid: number; startedAt: string }): void {
    this.#incarnations.killAfter(graceMs);
    this.#lifecycle.become({ status: 'stopping', pid, startedAt, killAt });
  }

  #startWhenEnded(): Promise<void> {
    const restart: Promise<void> = this.#incarnations.ended.then(async () => {
      if (this.#restart !== restart) {
        const message = `container "${this.#lifecycle.name}" was stopped before it could be started again`;
        throw new PlimsollError('wrong-state', message, { hint: 'Start it.' });
      }
      this.#restart = null;
      await this.#starter.start();
    });
    restart.catch(() => {});
    return restart;
  }

  /** It is not to be started again, neither now nor by the supervisor after a crash. */
  #stayStopped(): void {
    this.#restart = null;
    this.#lifecycle.recordDesired('stopped');
  }
}
