import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Cgroup, freezeCgroup, isFrozen, isZombie, thawCgroup, validateConfig, type OciConfig } from '@plimsoll/core';
import { PlimsollError, type BirthStep, type ContainerState, type FinalCounters } from '@plimsoll/protocol';
import { complain } from './complain.ts';
import { Incarnation, type Host, type Identity } from './incarnation.ts';
import type { ContainerDefinition, ContainerRecord } from './protocol.ts';
import { startFailure } from './start-failure.ts';
import type { RuntimeState } from './store.ts';
import { requireState } from './transitions.ts';

const SIGTERM = 15;
/** By init, which on some hosts never does: nothing may wait for it for good. */
const REAPED_WITHIN_MS = 1000;

/** One container: its definition, its state, and the verbs that change it. `changed` is called after each change. */
export class Container {
  readonly definition: ContainerDefinition;
  readonly #host: Host;
  readonly #identity: Identity;
  readonly #changed: (container: Container) => void;
  readonly #fixed: Omit<ContainerRecord, 'incarnation' | 'state' | 'lastExit'>;
  #state: ContainerState = { status: 'created' };
  /** How often it was started; the number of the incarnation under way, or of the last. */
  #starts = 0;
  #lastExit: FinalCounters | null = null;
  #incarnation: Incarnation | null = null;
  /** Resolves when the incarnation under way has ended, and the state says so. */
  #ended: Promise<void> = Promise.resolve();
  #removed = false;
  /** The verb under way: the next one waits for it, and then looks at the state anew. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Throws InvalidConfig. */
  constructor(host: Host, definition: ContainerDefinition, changed: (container: Container) => void) {
    const config = validateConfig(definition.config);
    const cgroup = new Cgroup(host.layout, config.linux.cgroupsPath);
    this.definition = definition;
    this.#host = host;
    this.#identity = { host, definition, config, cgroup, paths: host.store.paths(definition.id) };
    this.#fixed = fixedPart(definition, config);
    this.#changed = changed;
  }

  get record(): ContainerRecord {
    return { ...this.#fixed, incarnation: this.#starts, state: this.#state, lastExit: this.#lastExit };
  }

  get status(): ContainerState['status'] {
    return this.#state.status;
  }

  /** Resolves when the command has been exec'd and the start is on disk. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'start');
      this.#starts++;
      this.#become({ status: 'starting' });
      try {
        const { incarnation, recorded } = await Incarnation.start(this.#identity, this.#starts);
        this.#follow(incarnation);
        this.#become({ status: 'running', pid: incarnation.pid, startedAt: incarnation.startedAt });
        await recorded;
      } catch (cause) {
        const error = startFailure(this.definition.name, cause);
        if (this.status === 'starting') this.#become({ status: 'failed', failedAt: now(), error: error.toBody() });
        throw error;
      }
    });
  }

  freeze(): Promise<void> {
    return this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'freeze');
      await freezeCgroup(this.#host.kernel.loop, this.#identity.cgroup);
      // It may have ended while the kernel froze it.
      if (this.#state.status !== 'running') return requireState(this.definition.name, this.status, 'freeze');
      const { pid, startedAt } = this.#state;
      const frozenAt = now();
      this.#become({ status: 'frozen', pid, startedAt, frozenAt, reasons: ['user'] });
      this.#noteFrozen(frozenAt);
    });
  }

  thaw(): Promise<void> {
    return this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'thaw');
      await thawCgroup(this.#host.kernel.loop, this.#identity.cgroup);
      if (this.#state.status !== 'frozen') return;
      const { pid, startedAt } = this.#state;
      this.#become({ status: 'running', pid, startedAt });
      this.#noteFrozen(null);
    });
  }

  /** Resolves when it has ended: by its own will after SIGTERM, or killed after the grace time. */
  async stop(graceMs: number): Promise<void> {
    const incarnation = await this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'stop');
      const state = this.#state;
      if (state.status !== 'running' && state.status !== 'frozen') return null;
      this.#become({ status: 'stopping', pid: state.pid, startedAt: state.startedAt, killAt: now(graceMs) });
      this.#wishStopped();
      this.#incarnation?.signal(SIGTERM);
      // A frozen process takes no signal but a kill.
      if (state.status === 'frozen') await thawCgroup(this.#host.kernel.loop, this.#identity.cgroup);
      return this.#incarnation;
    });
    const timer = setTimeout(() => {
      incarnation?.kill().catch((error: unknown) => complain(`cannot kill container "${this.definition.id}"`, error));
    }, graceMs);
    await this.#ended.finally(() => clearTimeout(timer));
  }

  /** Resolves when every process of it is gone and its exit record is durable. */
  async kill(): Promise<void> {
    requireState(this.definition.name, this.status, 'kill');
    this.#wishStopped();
    await this.#incarnation?.kill();
    await this.#ended;
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
      store.remove(this.definition.id);
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
  restore(starts: number, lastExit: FinalCounters | null, state: ContainerState): void {
    this.#starts = starts;
    this.#lastExit = lastExit;
    this.#state = state;
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
    this.#state = isFrozen(this.#identity.cgroup)
      ? { status: 'frozen', pid, startedAt, frozenAt: frozenAt ?? now(), reasons: ['user'] }
      : { status: 'running', pid, startedAt };
  }

  #follow(incarnation: Incarnation): void {
    this.#incarnation = incarnation;
    this.#ended = incarnation.ended.then(({ counters, ...ending }) => {
      this.#incarnation = null;
      this.#lastExit = counters;
      this.#become({ status: 'exited', ...ending });
    });
  }

  /** For the supervisor after a crash; whoever asked need not wait for the disk. */
  #wishStopped(): void {
    const { id } = this.definition;
    this.#host.journal.append({ kind: 'desired', id, desired: 'stopped' }).catch((error: unknown) => {
      complain(`cannot record that container "${id}" is to stop`, error);
    });
  }

  #noteFrozen(frozenAt: string | null): void {
    const { store } = this.#host;
    const runtime = store.readRuntimeState(this.definition.id);
    if (runtime !== null) store.writeRuntimeState(this.definition.id, { ...runtime, frozenAt });
  }

  #become(state: ContainerState): void {
    this.#state = state;
    this.#changed(this);
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

/** What never changes of a record. */
function fixedPart(
  definition: ContainerDefinition,
  { process, hostname, linux }: OciConfig,
): Omit<ContainerRecord, 'incarnation' | 'state' | 'lastExit'> {
  const { config: _config, version: _version, ...rest } = definition;
  return {
    ...rest,
    command: process.args,
    env: Object.fromEntries(process.env.map((variable) => splitAt(variable, variable.indexOf('=')))),
    workdir: process.cwd,
    hostname: hostname ?? '',
    cgroup: linux.cgroupsPath,
  };
}

function now(laterMs = 0): string {
  return new Date(Date.now() + laterMs).toISOString();
}

function splitAt(text: string, index: number): [string, string] {
  return [text.slice(0, index), text.slice(index + 1)];
}
