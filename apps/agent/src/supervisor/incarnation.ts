import { writeFile } from 'node:fs/promises';
import {
  HeldMounts,
  HeldProcess,
  killCgroup,
  processStartTime,
  readClocks,
  readLast,
  sendKill,
  startContainer,
  tryRemoveCgroup,
  untilEmpty,
  type Cgroup,
  type CgroupLayout,
  type Kernel,
  type OciConfig,
  type ProcessExit,
  type Started,
  type UserNamespacePool,
} from '@plimsoll/core';
import { PlimsollError, type ExitStatus, type FinalCounters, type Limits } from '@plimsoll/protocol';
import { complain } from './complain.ts';
import { exitStatus, finalCounters } from './exit-record.ts';
import { instantOf } from './instant-of.ts';
import type { FollowedContainer, Incidents } from './incidents.ts';
import type { DrawnIdRanges } from './id-ranges.ts';
import type { Journal } from './journal.ts';
import type { LedgerRecords } from './ledger-records.ts';
import { Output } from './output.ts';
import type { ContainerDefinition } from './protocol.ts';
import { firstId, type Joinable } from './start-config.ts';
import { planStart } from './start-plan.ts';
import type { ContainerPaths, RuntimeState, Store } from './store.ts';

const AFTERWARDS_MS = 20;

/** What every container of one supervisor has in common. */
export interface Host {
  kernel: Kernel;
  layout: CgroupLayout;
  store: Store;
  journal: Journal;
  ledger: LedgerRecords;
  incidents: Incidents;
  ranges: DrawnIdRanges;
  users: UserNamespacePool;
}

/** What every incarnation of one container has in common. */
export interface Identity {
  host: Host;
  definition: ContainerDefinition;
  config: OciConfig;
  cgroup: Cgroup;
  paths: ContainerPaths;
  /** The kernel says that it is frozen, or not any more. */
  onFrozen: (frozen: boolean) => void;
  /** A container whose namespaces it joins; throws where that does not run. */
  join: (id: string) => Joinable;
  /** In force now. */
  limits: () => Limits;
}

/** How an incarnation ended. */
export interface Ending extends ExitStatus {
  startedAt: string;
  exitedAt: string;
  counters: FinalCounters | null;
}

/** `recorded` resolves when the start is on disk. `fallback`: why it has no user namespace, against its definition. */
export interface StartedIncarnation {
  incarnation: Incarnation;
  recorded: Promise<void>;
  fallback: string | null;
}

/** One run of a container: its first process, its output, and the record of its end. */
export class Incarnation {
  readonly pid: number;
  readonly startedAt: string;
  /** Resolves when it has ended, its exit record is durable and its cgroup removed. */
  readonly ended: Promise<Ending>;
  readonly #identity: Identity;
  readonly #number: number;
  readonly #startedMonotonicNs: string | null;
  readonly #startedBootNs: string | null;
  readonly #process: HeldProcess | null;
  readonly #mounts: HeldMounts;
  readonly #output: Output;
  #followed: FollowedContainer | null = null;
  /** Null once begun, since it holds all that the start was made of; and of an adopted one, whose start is long over. */
  #settling: (() => Promise<void>) | null = null;
  #settled: Promise<void> = Promise.resolve();
  #hasEnded = false;

  private constructor(
    identity: Identity,
    run: Pick<RuntimeState, 'pid' | 'startedAt' | 'startedMonotonicNs' | 'startedBootNs'> & { number: number; isNew: boolean },
    held: HeldProcess | null,
    mounts: HeldMounts,
    output: Output,
  ) {
    this.#identity = identity;
    this.#number = run.number;
    this.#startedMonotonicNs = run.startedMonotonicNs;
    this.#startedBootNs = run.startedBootNs;
    this.pid = run.pid;
    this.startedAt = run.startedAt;
    this.#process = held;
    this.#mounts = mounts;
    this.#output = output;
    const exited = held === null ? Promise.resolve<ProcessExit>({ code: null, signal: null }) : held.exited;
    this.ended = exited.then((exit) => this.#end(exit));
    // Off the path of the start, and of the end of one that does little.
    setTimeout(() => {
      this.#follow(run.isNew);
      this.settle().catch((error: unknown) => complain(`cannot let go of the start of "${identity.definition.id}"`, error));
    }, AFTERWARDS_MS).unref();
  }

  /** Resolves when nothing is held of its start any more, nor of one that has ended. It is not to be started again before. */
  async settle(): Promise<void> {
    const settling = this.#settling;
    this.#settling = null;
    if (settling !== null) this.#settled = settling();
    await this.#settled;
    if (this.#hasEnded) await this.#mounts.release();
  }

  /**
   * Resolves when the command has been exec'd. `recorded` then resolves when the start is on disk, or rejects after the run
   * was ended again. Where it throws, nothing is left.
   */
  static async start(identity: Identity, number: number): Promise<StartedIncarnation> {
    const { host, definition, cgroup, paths } = identity;
    const { kernel, store, journal } = host;
    const { id, layers } = definition;
    const clocks = readClocks();
    const startedAt = instantOf(clocks);
    const [startedMonotonicNs, startedBootNs] = [String(clocks.monotonicNs), String(clocks.bootNs)];
    store.prepare(id, firstId(identity.config) ?? 0);
    using plan = await planStart(identity);
    const { config, madeAhead, fallback } = plan;
    const output = new Output(kernel.loop, paths.run, paths.log);
    const { upper, work, rootfs: mountPoint } = paths;
    const rootfs = { layers, upper, work, mountPoint };
    const starting = startContainer(kernel, { config, cgroup, rootfs, stdio: output.stdio, madeAhead });
    // Written while the container is being set up. Should this process die in between, the next one clears the start away.
    const durable = journal.append({ kind: 'start', id, incarnation: number, at: startedAt });
    let started: Started | undefined;
    try {
      started = await starting;
      const { process: held, mounts, settle } = started;
      const { pid } = held;
      const startTime = processStartTime(pid) ?? '';
      store.writeRuntimeState(id, {
        bootId: store.bootId,
        incarnation: number,
        pid,
        startTime,
        startedAt,
        startedMonotonicNs,
        startedBootNs,
        frozenAt: null,
      });
      const incarnation = new Incarnation(
        identity,
        { number, pid, startedAt, startedMonotonicNs, startedBootNs, isNew: true },
        held,
        mounts,
        output,
      );
      incarnation.#settling = async () => {
        kernel.networks.refill();
        host.users.refill();
        // Nobody waits to read how it went.
        void writeFile(paths.birth, JSON.stringify(await settle())).catch(() => {});
      };
      return { incarnation, fallback, recorded: durable.catch((cause: unknown) => incarnation.#undo(cause)) };
    } catch (error) {
      // startContainer undoes its own; what failed after it, a full /run say, leaves a container that nobody would know of.
      await killCgroup(kernel.loop, cgroup).catch(() => {});
      tryRemoveCgroup(cgroup);
      output[Symbol.dispose]();
      await started?.settle().catch(() => {});
      await started?.mounts.release().catch(() => {});
      await durable.catch(() => {});
      throw error;
    }
  }

  /** Takes over what the supervisor before left: still running, or ended since, which `ended` then tells. */
  static adopt(identity: Identity, runtime: RuntimeState): Incarnation {
    const { host, paths } = identity;
    const { loop, zygotes } = host.kernel;
    host.store.prepare(identity.definition.id, firstId(identity.config) ?? 0);
    const output = new Output(loop, paths.run, paths.log);
    const held = HeldProcess.adopt(loop, runtime.pid, runtime.startTime);
    const mounts = held === null ? new HeldMounts(zygotes, null) : HeldMounts.of(zygotes, runtime.pid);
    return new Incarnation(identity, { ...runtime, number: runtime.incarnation, isNew: false }, held, mounts, output);
  }

  get isHeld(): boolean {
    return this.#process !== null;
  }

  /** Sends a signal to the first process; false where it has ended. */
  signal(signal: number): boolean {
    return this.#process?.signal(signal) ?? false;
  }

  limitsChanged(): void {
    this.#followed?.limitsChanged();
  }

  #follow(isNew: boolean): void {
    if (this.#hasEnded) return;
    const { host, definition, cgroup, onFrozen } = this.#identity;
    this.#followed = host.incidents.follow(definition, cgroup, isNew, onFrozen);
  }

  /** Kills every process of it; `ended` follows. */
  kill(): Promise<void> {
    return sendKill(this.#identity.host.kernel.loop, this.#identity.cgroup);
  }

  /** The order is the meter's: last reading while the cgroup is still there, recorded, and only then is anything removed. */
  async #end(exit: ProcessExit): Promise<Ending> {
    const { host, definition, cgroup, limits } = this.#identity;
    const { loop } = host.kernel;
    // The pid namespace is gone with its first process; what joined the cgroup from outside goes now.
    await untilEmpty(loop, cgroup, 100).catch(() => killCgroup(loop, cgroup));
    const last = readLast(cgroup);
    const clocks = readClocks();
    const { id, name, group, image, labels } = definition;
    const ending: Ending = {
      startedAt: this.startedAt,
      exitedAt: instantOf(clocks),
      counters: last === null ? null : finalCounters(last),
      ...exitStatus(exit, last?.oomKills ?? null),
    };
    const exitedMonotonicNs = last === null ? null : String(last.reading.atNs);
    const { written, durable } = host.ledger.recordExit({
      ...{ id, name, group, image, labels, limits: limits(), incarnation: this.#number },
      ...{ startedMonotonicNs: this.#startedMonotonicNs, exitedMonotonicNs },
      ...(this.#startedBootNs === null
        ? { bootId: null, startedBootNs: null, exitedBootNs: null }
        : { bootId: host.store.bootId, startedBootNs: this.#startedBootNs, exitedBootNs: String(clocks.bootNs) }),
      ...ending,
    });
    this.#output[Symbol.dispose]();
    this.#hasEnded = true;
    if (this.#followed === null) host.incidents.ended(definition, last?.oomKills ?? 0);
    else this.#followed.end();
    await written;
    // While the disk syncs. Should the power fail meanwhile, no cgroup is left to be read again anyway.
    tryRemoveCgroup(cgroup);
    host.store.clearRuntimeState(id);
    await durable;
    // The next start does not wait for the timer, but for the release.
    setTimeout(() => {
      this.#mounts.release().catch((error: unknown) => complain(`cannot let go of the mounts of "${id}"`, error));
    }, AFTERWARDS_MS).unref();
    return ending;
  }

  /** A start that no later supervisor would know of is none. */
  async #undo(cause: unknown): Promise<never> {
    await this.kill();
    const message = `container "${this.#identity.definition.name}" was ended again: its start could not be recorded`;
    throw new PlimsollError('start-failed', message, { hint: 'Look whether the disk is full.', cause });
  }
}
