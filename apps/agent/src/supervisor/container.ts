import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Cgroup,
  freezeCgroup,
  isAskedToFreeze,
  isFrozen,
  isZombie,
  killCgroup,
  releaseFreeze,
  thawCgroup,
  type LimitAnswer,
} from '@plimsoll/core';
import {
  PlimsollError,
  signalNumber,
  type BirthStep,
  type ContainerState,
  type FinalCounters,
  type Limits,
  type LimitsChange,
  type Signal,
} from '@plimsoll/protocol';
import { complain } from './complain.ts';
import { ContainerLimits } from './container-limits.ts';
import { fixedRecord, type FixedRecord } from './container-record.ts';
import { FreezeReasons, requireStarted } from './freeze-reasons.ts';
import { Incarnation, type Host, type Identity } from './incarnation.ts';
import type { ContainerDefinition, ContainerRecord } from './protocol.ts';
import { checkDefinition, firstId, type Joinable } from './start-config.ts';
import { startFailure } from './start-failure.ts';
import type { RuntimeState } from './store.ts';
import type { Wish } from './journal-entry.ts';
import { requireState } from './transitions.ts';

/** By init, which on some hosts never does: nothing may wait for it for good. */
const REAPED_WITHIN_MS = 1000;

/** What a container needs of its surroundings. */
export interface Surroundings {
  /** Called after each change. */
  changed(container: Container): void;
  /** The outermost frozen group that it is in. */
  frozenGroup(group: string): string | null;
  /** A verb on a group that it is in is under way. */
  isGroupChanging(group: string): boolean;
  /** A container whose namespaces it joins; throws where that does not run. */
  join(id: string): Joinable;
  /** Called before a start: its groups' cgroups are there, with their limits. */
  prepareGroup(group: string): void;
}

/** One container: its definition, its state, and the verbs that change it. */
export class Container {
  readonly #host: Host;
  readonly #identity: Identity;
  readonly #around: Surroundings;
  readonly #reasons: FreezeReasons;
  #fixed: FixedRecord;
  readonly #limits: ContainerLimits;
  #state: ContainerState = { status: 'created' };
  /** How often it was started; the number of the incarnation under way, or of the last. */
  #starts = 0;
  #lastExit: FinalCounters | null = null;
  #incarnation: Incarnation | null = null;
  /** Resolves when nothing is held of the start before any more. */
  #settle: () => Promise<void> = async () => {};
  /** Resolves when the incarnation under way has ended, and the state says so. */
  #ended: Promise<void> = Promise.resolve();
  /** Of a stop under way. */
  #killTimer: NodeJS.Timeout | undefined;
  /** It is stopped to be started again: how that start comes out. Null as well once that is given up. */
  #restart: Promise<void> | null = null;
  #removed = false;
  #deleted: Promise<void> = Promise.resolve();
  /** Why its last start had no user namespace, against its definition. */
  #fallback: string | null = null;
  /** A start of it waits behind a frozen group. */
  #waits = false;
  /** Resolves when a start under way is found to be held up by a frozen group. */
  #heldUp = Promise.withResolvers<void>();
  /** The verb under way: the next one waits for it, and then looks at the state anew. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Throws InvalidConfig. */
  constructor(host: Host, definition: ContainerDefinition, around: Surroundings) {
    const config = checkDefinition(definition);
    const cgroup = new Cgroup(host.layout, config.linux.cgroupsPath);
    this.#host = host;
    this.#identity = {
      host,
      definition,
      config,
      cgroup,
      paths: host.store.paths(definition.id),
      onFrozen: (frozen) => this.frozenFromOutside(frozen),
      join: (id) => around.join(id),
      limits: () => this.#limits.current,
    };
    this.#fixed = fixedRecord(definition, config);
    this.#limits = new ContainerLimits(() => this.definition, config);
    this.#around = around;
    this.#reasons = new FreezeReasons(() => around.frozenGroup(definition.group));
  }

  get definition(): ContainerDefinition {
    return this.#identity.definition;
  }

  get record(): ContainerRecord {
    const { current } = this.#limits;
    return {
      ...this.#fixed,
      limits: current,
      incarnation: this.#starts,
      state: this.#state,
      lastExit: this.#lastExit,
      fallback: this.#fallback,
    };
  }

  /** Of the range of host ids that its files belong to; null: the host's own. */
  get firstId(): number | null {
    return firstId(this.#identity.config);
  }

  /** Its files are gone; until then its ids are nobody else's. */
  get deleted(): Promise<void> {
    return this.#deleted;
  }

  /** As one whose namespaces are joined. Null: it does not run. */
  get joinable(): Joinable | null {
    if (!('pid' in this.#state) || this.#incarnation === null) return null;
    const isInOwn = this.#fallback === null;
    return { name: this.definition.name, pid: this.#state.pid, firstId: isInOwn ? this.firstId : null };
  }

  get status(): ContainerState['status'] {
    return this.#state.status;
  }

  /** It has processes, or is about to have some. */
  get isAlive(): boolean {
    return ['starting', 'running', 'frozen', 'stopping'].includes(this.status);
  }

  /** Its end is not the last: a start follows. */
  get isRestarting(): boolean {
    return this.#restart !== null;
  }

  /**
   * Resolves when the command has been exec'd and the start is on disk; or, as `starting`, when a frozen group holds the
   * start up: it goes on by itself when that is thawed.
   */
  async start(): Promise<void> {
    this.#requireStarted('start');
    const started = this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'start');
      const frozenBy = this.#reasons.byGroup;
      this.#heldUp = Promise.withResolvers();
      if (frozenBy === null) return this.#startNow();
      this.#wait(frozenBy);
      await this.#host.journal.append({ kind: 'desired', id: this.definition.id, desired: 'running' });
    });
    await Promise.race([started, this.#heldUp.promise]);
    // Where it is held up, how it comes out is told by its state.
    started.catch(() => {});
  }

  async freeze(): Promise<void> {
    this.#requireStarted('freeze');
    await this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'freeze');
      this.#reasons.requireFreezable(this.definition.name);
      await freezeCgroup(this.#host.kernel.loop, this.#identity.cgroup);
      // It may have ended while the kernel froze it.
      requireState(this.definition.name, this.status, 'freeze');
      this.#reasons.byUser = true;
      this.#showFrozen();
      this.#noteFrozen();
    });
  }

  /** It runs again, unless its group holds it. */
  async thaw(): Promise<void> {
    this.#requireStarted('thaw');
    await this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'thaw');
      this.#reasons.requireThawable(this.definition.name);
      if (this.#reasons.byGroup === null) await thawCgroup(this.#host.kernel.loop, this.#identity.cgroup);
      else releaseFreeze(this.#identity.cgroup);
      this.#reasons.byUser = false;
      this.#reasons.fromOutside = false;
      this.#showFrozen();
      this.#noteFrozen();
    });
  }

  /** A group that it is in was frozen or thawed. */
  groupChanged(): void {
    this.#showFrozen();
    if (this.#state.status !== 'starting') return;
    const frozenBy = this.#reasons.byGroup;
    if (this.#state.frozenBy !== frozenBy) this.#become({ status: 'starting', frozenBy });
    if (frozenBy !== null) return this.#heldUp.resolve();
    if (!this.#waits) return;
    this.#waits = false;
    this.#inTurn(() => this.#startNow()).catch((error: unknown) => {
      complain(`container "${this.definition.id}" could not start when its group was thawed`, error);
    });
  }

  /** A start that waited when the supervisor before ended: it waits on, or begins. */
  resumeStart(): void {
    this.#wait(this.#reasons.byGroup);
    this.groupChanged();
  }

  /** The kernel says that it is frozen, or runs, without a verb of ours. */
  frozenFromOutside(frozen: boolean): void {
    void this.#inTurn(async () => {
      // The verbs before this one may have been the cause.
      if (isFrozen(this.#identity.cgroup) !== frozen) return;
      // Nor is the verb on its group that is under way: that tells of itself when it is done.
      if (frozen && this.#around.isGroupChanging(this.definition.group)) return;
      if (frozen && this.#reasons.list.length === 0) this.#reasons.fromOutside = true;
      if (!frozen) Object.assign(this.#reasons, { byUser: false, fromOutside: false });
      this.#showFrozen();
    }).catch(() => {});
  }

  /** Changes limits; of one that runs in the kernel first, whose answers it resolves with once they are durable. */
  async update(change: LimitsChange): Promise<LimitAnswer[]> {
    const { name, id } = this.definition;
    this.#requireStarted('update');
    return await this.#inTurn(async () => {
      requireState(name, this.status, 'update');
      const answers = this.#limits.change(change, this.isAlive ? this.#identity.cgroup : null);
      this.#incarnation?.limitsChanged();
      await this.#host.journal.append({ kind: 'limits', id, limits: this.#limits.current });
      this.#around.changed(this);
      return answers;
    });
  }

  /**
   * Resolves when it has ended: by its own will after SIGTERM, or killed after the grace time. Of a stop under way the earlier kill
   * holds; one that does not run is stopped.
   */
  async stop(graceMs: number): Promise<void> {
    this.#requireStarted('stop');
    await this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'stop');
      if (!this.isAlive) return;
      await this.#beginStop(graceMs, 'stop', () => this.#wishStopped());
    });
    await this.#ended;
  }

  /** Resolves when every process of it is gone and its exit record is durable. */
  async kill(): Promise<void> {
    requireState(this.definition.name, this.status, 'kill');
    this.expectEnd();
    // A start under way has no incarnation yet, and perhaps no cgroup; one that waits has ended with `expectEnd`.
    if (this.#incarnation === null && this.status === 'starting') {
      await killCgroup(this.#host.kernel.loop, this.#identity.cgroup).catch(() => {});
      await this.#turn;
    }
    await this.#incarnation?.kill();
    await this.ended();
  }

  /** Stops it where it runs, and starts it: no other verb comes in between. Resolves as `start` does. */
  async restart(graceMs: number): Promise<void> {
    this.#requireStarted('restart');
    const started = await this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'restart');
      if (!this.isAlive) return null;
      await this.#beginStop(graceMs, 'restart', () => this.#wish('restarted'));
      // Of several that are asked for meanwhile the first one starts it.
      return { again: (this.#restart ??= this.#startWhenEnded()) };
    });
    await (started === null ? this.start() : started.again);
  }

  /** To its first process, any but SIGKILL. Resolves when it is sent. */
  async signal(signal: Signal): Promise<void> {
    const { name } = this.definition;
    this.#requireStarted('signal');
    await this.#inTurn(async () => {
      if (this.status === 'frozen') this.#reasons.requireNotHeld(name, 'signal');
      requireState(name, this.status, 'signal');
      if (this.#incarnation?.signal(signalNumber(signal))) return;
      throw new PlimsollError('wrong-state', `cannot signal container "${name}": it has just ended`);
    });
  }

  /** Its processes are about to be killed; a start that waits, or is to follow, is given up. */
  expectEnd(): void {
    this.#wishStopped();
    if (!this.#waits) return;
    this.#waits = false;
    const error = new PlimsollError('start-failed', `container "${this.definition.name}" was killed while it waited to start`, {
      hint: 'Start it again.',
    });
    this.#become({ status: 'failed', failedAt: now(), error: error.toBody() });
  }

  /** Resolves when it does not run. */
  async ended(): Promise<void> {
    await this.#turn;
    await this.#ended;
  }

  /** Refuses a container that runs; deletes its files. The registry forgets it. */
  remove(): Promise<void> {
    return this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'remove');
      const { journal, store } = this.#host;
      await journal.append({ kind: 'removed', id: this.definition.id });
      // Verbs may be waiting behind this one: there is nothing left for them.
      this.#removed = true;
      this.#deleted = store.remove(this.definition.id);
    });
  }

  /** Resolves with the name that it had, when the new one is durable. */
  rename(name: string): Promise<string> {
    return this.#inTurn(async () => {
      const before = this.definition.name;
      await this.#host.journal.append({ kind: 'renamed', id: this.definition.id, name });
      this.#identity.definition = { ...this.definition, name };
      this.#fixed = { ...this.#fixed, name };
      this.#around.changed(this);
      return before;
    });
  }

  birth(): BirthStep[] {
    try {
      return JSON.parse(readFileSync(this.#identity.paths.birth, 'utf8')) as BirthStep[];
    } catch (cause) {
      const message = `container "${this.definition.name}" has not been started yet, so there is no record of how it was made`;
      throw new PlimsollError('not-found', message, { hint: 'Start it first.', cause });
    }
  }

  /** What the journal knew when the supervisor began. */
  restore(starts: number, lastExit: FinalCounters | null, state: ContainerState, limits: Limits | undefined): void {
    this.#starts = starts;
    this.#lastExit = lastExit;
    this.#state = state;
    if (limits !== undefined) this.#limits.restore(limits);
  }

  /** Takes over what the supervisor before left running; where it has ended since, resolves when that is recorded. */
  async adopt(runtime: RuntimeState): Promise<void> {
    const { pid, startedAt, frozenAt } = runtime;
    this.#starts = runtime.incarnation;
    const incarnation = Incarnation.adopt(this.#identity, runtime);
    this.#follow(incarnation);
    if (!incarnation.isHeld) return this.#ended;
    // It may have ended a moment ago, and wait for init to reap it: then this is no container that runs.
    if (isZombie(pid)) return Promise.race([this.#ended, delay(REAPED_WITHIN_MS)]);
    this.#state = { status: 'running', pid, startedAt };
    const { cgroup } = this.#identity;
    this.#reasons.byUser = isAskedToFreeze(cgroup) && frozenAt !== null;
    this.#reasons.fromOutside = !this.#reasons.byUser && isFrozen(cgroup) && this.#reasons.byGroup === null;
    this.#showFrozen(frozenAt ?? now());
    this.#limits.enforce(cgroup);
  }

  #wait(frozenBy: string | null): void {
    this.#waits = true;
    this.#become({ status: 'starting', frozenBy });
  }

  async #startNow(): Promise<void> {
    this.#starts++;
    this.#become({ status: 'starting', frozenBy: null });
    this.#reasons.byUser = false;
    this.#reasons.fromOutside = false;
    try {
      await this.#settle();
      this.#around.prepareGroup(this.definition.group);
      const { incarnation, recorded, fallback } = await Incarnation.start(this.#identity, this.#starts);
      this.#fallback = fallback;
      this.#follow(incarnation);
      this.#become({ status: 'running', pid: incarnation.pid, startedAt: incarnation.startedAt });
      this.#showFrozen();
      await recorded;
    } catch (cause) {
      const error = startFailure(this.definition.name, cause);
      if (this.status === 'starting') this.#become({ status: 'failed', failedAt: now(), error: error.toBody() });
      throw error;
    }
  }

  /** Running or frozen, by the reasons that there are now. */
  #showFrozen(since = now()): void {
    const state = this.#reasons.show(this.#state, since);
    if (state !== this.#state) this.#become(state);
  }

  /** SIGTERM, unless it was sent, and a kill after the grace time. `wish` tells the journal what is meant, before anything is done. */
  async #beginStop(graceMs: number, verb: string, wish: () => void): Promise<void> {
    const state = this.#state;
    const killAt = now(graceMs);
    if (state.status === 'stopping') {
      wish();
      if (killAt < state.killAt) this.#killAt(killAt, graceMs, state);
      return;
    }
    if (state.status !== 'running' && state.status !== 'frozen') return;
    this.#reasons.requireNotHeld(this.definition.name, verb);
    wish();
    this.#killAt(killAt, graceMs, state);
    this.#incarnation?.signal(signalNumber('SIGTERM'));
    // A frozen process takes no signal but a kill.
    if (state.status === 'frozen') await thawCgroup(this.#host.kernel.loop, this.#identity.cgroup);
  }

  #killAt(killAt: string, graceMs: number, { pid, startedAt }: { pid: number; startedAt: string }): void {
    const incarnation = this.#incarnation;
    clearTimeout(this.#killTimer);
    this.#killTimer = setTimeout(() => {
      incarnation?.kill().catch((error: unknown) => complain(`cannot kill container "${this.definition.id}"`, error));
    }, graceMs);
    this.#become({ status: 'stopping', pid, startedAt, killAt });
  }

  #requireStarted(verb: string): void {
    const { name } = this.definition;
    requireStarted(name, this.status, this.#state.status === 'starting' ? this.#state.frozenBy : null, verb);
  }

  #follow(incarnation: Incarnation): void {
    this.#incarnation = incarnation;
    this.#settle = () => incarnation.settle();
    this.#ended = incarnation.ended.then(({ counters, ...ending }) => {
      this.#incarnation = null;
      clearTimeout(this.#killTimer);
      this.#lastExit = counters;
      this.#become({ status: 'exited', ...ending });
    });
  }

  #startWhenEnded(): Promise<void> {
    const restart: Promise<void> = this.#ended.then(async () => {
      if (this.#restart !== restart) {
        const message = `container "${this.definition.name}" was stopped before it could be started again`;
        throw new PlimsollError('wrong-state', message, { hint: 'Start it.' });
      }
      this.#restart = null;
      await this.start();
    });
    restart.catch(() => {});
    return restart;
  }

  #wishStopped(): void {
    this.#restart = null;
    this.#wish('stopped');
  }

  /** For the supervisor after a crash; whoever asked need not wait for the disk. */
  #wish(desired: Wish): void {
    const { id } = this.definition;
    this.#host.journal.append({ kind: 'desired', id, desired }).catch((error: unknown) => {
      complain(`cannot record that container "${id}" is to be ${desired}`, error);
    });
  }

  #noteFrozen(): void {
    const { store } = this.#host;
    const frozenAt = this.#reasons.byUser && this.#state.status === 'frozen' ? this.#state.frozenAt : null;
    const runtime = store.readRuntimeState(this.definition.id);
    if (runtime !== null) store.writeRuntimeState(this.definition.id, { ...runtime, frozenAt });
  }

  #become(state: ContainerState): void {
    this.#state = state;
    this.#around.changed(this);
  }

  #inTurn<T>(verb: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => {
      if (this.#removed) throw new PlimsollError('not-found', `container "${this.definition.name}" has been removed`);
      return verb();
    });
    this.#turn = result.catch(() => {});
    return result;
  }
}

function now(laterMs = 0): string {
  return new Date(Date.now() + laterMs).toISOString();
}
