import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Cgroup,
  freezeCgroup,
  HeldProcess,
  isFrozen,
  killCgroup,
  processStartTime,
  readLast,
  tryRemoveCgroup,
  sendKill,
  startContainer,
  thawCgroup,
  untilEmpty,
  validateConfig,
  type CgroupLayout,
  type Kernel,
  type OciConfig,
  type ProcessExit,
  type Started,
} from '@plimsoll/core';
import { PlimsollError, type BirthStep, type ContainerState, type FinalCounters } from '@plimsoll/protocol';
import { exitStatus, finalCounters } from './exit-record.ts';
import { complain } from './complain.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { Journal } from './journal.ts';
import { Output } from './output.ts';
import type { ContainerDefinition, ContainerRecord } from './protocol.ts';
import { startFailure } from './start-failure.ts';
import type { ContainerPaths, RuntimeState, Store } from './store.ts';
import { requireState } from './transitions.ts';

const SIGTERM = 15;
const AFTERWARDS_MS = 20;
const RECORD_AGAIN_MS = 2000;

/** What every container of one supervisor has in common. */
export interface Host {
  kernel: Kernel;
  layout: CgroupLayout;
  store: Store;
  journal: Journal;
}

/** One container: its definition, its state, and the verbs that change it. `changed` is called after each change. */
export class Container {
  readonly definition: ContainerDefinition;
  readonly #host: Host;
  readonly #paths: ContainerPaths;
  readonly #cgroup: Cgroup;
  readonly #changed: (container: Container) => void;
  readonly #config: OciConfig;
  readonly #fixed: Omit<ContainerRecord, 'incarnation' | 'state' | 'lastExit'>;
  #state: ContainerState = { status: 'created' };
  #incarnation = 0;
  #lastExit: FinalCounters | null = null;
  #process: HeldProcess | null = null;
  #output: Output | null = null;
  /** Resolves when the incarnation under way has ended, and its exit record is durable. */
  #ended: Promise<void> = Promise.resolve();
  /** The verb under way: the next one waits for it, and then looks at the state anew. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(host: Host, definition: ContainerDefinition, changed: (container: Container) => void) {
    this.definition = definition;
    this.#host = host;
    this.#paths = host.store.paths(definition.id);
    this.#config = validateConfig(definition.config);
    this.#cgroup = new Cgroup(host.layout, this.#config.linux.cgroupsPath);
    this.#fixed = fixedPart(definition, this.#config);
    this.#changed = changed;
  }

  get record(): ContainerRecord {
    return { ...this.#fixed, incarnation: this.#incarnation, state: this.#state, lastExit: this.#lastExit };
  }

  get status(): ContainerState['status'] {
    return this.#state.status;
  }

  /** Resolves when the command has been exec'd and the start is on disk. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'start');
      const { journal, kernel, store } = this.#host;
      const { id } = this.definition;
      this.#incarnation++;
      this.#become({ status: 'starting' });
      const startedAt = now();
      store.prepare(id);
      const output = new Output(kernel.loop, this.#paths.run, this.#paths.log);
      const starting = startContainer(kernel, {
        config: this.#config,
        cgroup: this.#cgroup,
        rootfs: {
          layers: this.definition.layers,
          upper: this.#paths.upper,
          work: this.#paths.work,
          mountPoint: this.#paths.rootfs,
          readonly: this.#config.root.readonly ?? false,
        },
        stdio: output.stdio,
      });
      // Written while the container is being set up. Should this process die in between, the next one clears the start away.
      const durable = journal.append({ kind: 'start', id, incarnation: this.#incarnation, at: startedAt });
      let started: Started;
      try {
        started = await starting;
      } catch (cause) {
        output[Symbol.dispose]();
        const error = startFailure(this.definition.name, cause);
        this.#become({ status: 'failed', failedAt: now(), error: error.toBody() });
        await durable.catch(() => {});
        throw error;
      }
      const { process, takeBirth } = started;
      const startTime = processStartTime(process.pid) ?? '';
      store.writeRuntimeState(id, {
        bootId: store.bootId,
        incarnation: this.#incarnation,
        pid: process.pid,
        startTime,
        startedAt,
        frozenAt: null,
      });
      this.#hold(process, output, startedAt);
      this.#become({ status: 'running', pid: process.pid, startedAt });
      // Off the path of the start, and of the end of one that does little: nobody waits to read how it went.
      setTimeout(() => {
        kernel.networks.refill();
        void writeFile(this.#paths.birth, JSON.stringify(takeBirth())).catch(() => {});
      }, AFTERWARDS_MS).unref();
      await durable.catch((cause: unknown) => this.#undoStart(cause));
    });
  }

  freeze(): Promise<void> {
    return this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'freeze');
      await freezeCgroup(this.#host.kernel.loop, this.#cgroup);
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
      await thawCgroup(this.#host.kernel.loop, this.#cgroup);
      if (this.#state.status !== 'frozen') return;
      const { pid, startedAt } = this.#state;
      this.#become({ status: 'running', pid, startedAt });
      this.#noteFrozen(null);
    });
  }

  /** Resolves when it has ended: by its own will after SIGTERM, or killed after the grace time. */
  async stop(graceMs: number): Promise<void> {
    await this.#inTurn(async () => {
      requireState(this.definition.name, this.status, 'stop');
      const state = this.#state;
      if (state.status !== 'running' && state.status !== 'frozen') return;
      this.#become({ status: 'stopping', pid: state.pid, startedAt: state.startedAt, killAt: now(graceMs) });
      this.#wishStopped();
      this.#process?.signal(SIGTERM);
      // A frozen process takes no signal but a kill.
      if (state.status === 'frozen') await thawCgroup(this.#host.kernel.loop, this.#cgroup);
    });
    const timer = setTimeout(() => void this.#killAll().catch(() => {}), graceMs);
    await this.#ended.finally(() => clearTimeout(timer));
  }

  /** Resolves when every process of it is gone and its exit record is durable. */
  async kill(): Promise<void> {
    requireState(this.definition.name, this.status, 'kill');
    this.#wishStopped();
    await this.#killAll();
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
      store.remove(this.definition.id);
    });
  }

  birth(): BirthStep[] {
    try {
      return JSON.parse(readFileSync(this.#paths.birth, 'utf8')) as BirthStep[];
    } catch (error) {
      throw new PlimsollError(
        'not-found',
        `container "${this.definition.name}" has not been started yet, so there is no record of how it was made`,
        {
          hint: 'Start it first.',
          cause: error,
        },
      );
    }
  }

  /** What the journal knew when the supervisor began. */
  restore(incarnation: number, lastExit: FinalCounters | null, state: ContainerState): void {
    this.#incarnation = incarnation;
    this.#lastExit = lastExit;
    this.#state = state;
  }

  /** Takes over what the supervisor before left running. */
  async adopt(runtime: RuntimeState): Promise<void> {
    const { kernel } = this.#host;
    this.#incarnation = runtime.incarnation;
    const { pid, startedAt, frozenAt } = runtime;
    const output = new Output(kernel.loop, this.#paths.run, this.#paths.log);
    const process = HeldProcess.adopt(kernel.loop, pid, runtime.startTime);
    if (process === null) {
      this.#output = output;
      return this.#end({ code: null, signal: null }, startedAt);
    }
    this.#hold(process, output, startedAt);
    const frozen = isFrozen(this.#cgroup);
    this.#state = frozen
      ? { status: 'frozen', pid, startedAt, frozenAt: frozenAt ?? now(), reasons: ['user'] }
      : { status: 'running', pid, startedAt };
  }

  #hold(process: HeldProcess, output: Output, startedAt: string): void {
    this.#process = process;
    this.#output = output;
    this.#ended = process.exited.then((exit) => this.#end(exit, startedAt));
  }

  /** The order is the meter's: last reading while the cgroup is still there, on disk, and only then is anything removed. */
  async #end(exit: ProcessExit, startedAt: string): Promise<void> {
    const { kernel, store } = this.#host;
    this.#process = null;
    // The pid namespace is gone with its first process; what joined the cgroup from outside goes now.
    await untilEmpty(kernel.loop, this.#cgroup, 100).catch(() => killCgroup(kernel.loop, this.#cgroup));
    const last = readLast(this.#cgroup);
    const counters = last === null ? null : finalCounters(last);
    const status = exitStatus(exit, last?.oomKills ?? null);
    const exitedAt = now();
    const { id, name, group } = this.definition;
    const durable = this.#record({
      kind: 'exit',
      id,
      name,
      group,
      incarnation: this.#incarnation,
      startedAt,
      exitedAt,
      exitedMonotonicNs: last === null ? null : String(last.reading.atNs),
      counters,
      ...status,
    });
    this.#output?.[Symbol.dispose]();
    this.#output = null;
    await durable;
    tryRemoveCgroup(this.#cgroup);
    store.clearRuntimeState(id);
    this.#lastExit = counters;
    this.#become({ status: 'exited', startedAt, exitedAt, ...status });
  }

  /** A full disk must cost nobody a bill: until the record is durable the cgroup stays, and its counters with it. */
  async #record(entry: JournalEntry): Promise<void> {
    for (;;) {
      try {
        return await this.#host.journal.append(entry);
      } catch (error) {
        complain(`cannot record the end of container "${entry.id}", and tries again`, error);
        await delay(RECORD_AGAIN_MS);
      }
    }
  }

  /** A start that no later supervisor would know of is none. */
  async #undoStart(cause: unknown): Promise<never> {
    await this.#killAll();
    throw new PlimsollError(
      'start-failed',
      `container "${this.definition.name}" was ended again: its start could not be recorded`,
      {
        hint: 'Look whether the disk is full.',
        cause,
      },
    );
  }

  /** For the supervisor after a crash; whoever asked need not wait for the disk. */
  #wishStopped(): void {
    const { id } = this.definition;
    this.#host.journal.append({ kind: 'desired', id, desired: 'stopped' }).catch((error: unknown) => {
      complain(`cannot record that container "${id}" is to stop`, error);
    });
  }

  #killAll(): Promise<void> {
    return sendKill(this.#host.kernel.loop, this.#cgroup);
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
    const result = this.#turn.then(verb);
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
