import { guarded } from '@plimsoll/core/guarded';
import {
  HeldMounts,
  HeldProcess,
  killCgroup,
  killUntilEmpty,
  processesIn,
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
import { diskError } from '../disk-failure.ts';
import { exitStatus, finalCounters } from './exit-record.ts';
import { clocksThen, instantOf } from './instant-of.ts';
import type { FollowedContainer, Incidents } from './incidents.ts';
import type { DrawnIdRanges } from './id-ranges.ts';
import type { Journal } from './journal.ts';
import type { LateRecords } from './late-records.ts';
import type { KeptStarts } from './kept-starts.ts';
import type { LayerProjects } from './layer-projects.ts';
import type { LedgerRecords } from './ledger-records.ts';
import type { LogGaps } from './log-gaps.ts';
import { outermostGroup } from './outermost-group.ts';
import { Output } from './output.ts';
import type { ContainerDefinition } from './protocol.ts';
import { firstId, type Joinable } from './start-config.ts';
import type { BindSourceOpener } from './bind-sources.ts';
import { planStart } from './start-plan.ts';
import type { ContainerPaths, RuntimeState, Store } from './store.ts';

const AFTERWARDS_MS = 20;

/** What every container of one supervisor has in common. */
export interface Host {
  kernel: Kernel;
  layout: CgroupLayout;
  store: Store;
  journal: Journal;
  late: LateRecords;
  ledger: LedgerRecords;
  gaps: LogGaps;
  incidents: Incidents;
  ranges: DrawnIdRanges;
  users: UserNamespacePool;
  kept: KeptStarts;
  layers: LayerProjects;
  binds: BindSourceOpener;
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
  /** Resolves when it has ended, its exit record is durable and its cgroup removed; on a disk that takes no record, before these two. */
  readonly ended: Promise<Ending>;
  readonly #identity: Identity;
  readonly #number: number;
  readonly #startedMonotonicNs: string | null;
  readonly #isNew: boolean;
  readonly #startedBootNs: string | null;
  readonly #process: HeldProcess | null;
  /** With the keeper; null: it has none of it. */
  readonly #keptAs: bigint | null;
  readonly #mounts: HeldMounts;
  readonly #output: Output;
  #followed: FollowedContainer | null = null;
  /** Null once begun, since it holds all that the start was made of; and of an adopted one, whose start is long over. */
  #settling: (() => Promise<void>) | null = null;
  #settled: Promise<void> = Promise.resolve();
  #hasEnded = false;
  /** Why the disk did not take the record of its end yet. */
  #unrecorded: unknown = null;

  private constructor(
    identity: Identity,
    run: Pick<RuntimeState, 'pid' | 'startedAt' | 'startedMonotonicNs' | 'startedBootNs'> & { number: number; isNew: boolean },
    { process: held, keptAs }: { process: HeldProcess | null; keptAs: bigint | null },
    mounts: HeldMounts,
    output: Output,
  ) {
    this.#identity = identity;
    this.#number = run.number;
    this.#startedMonotonicNs = run.startedMonotonicNs;
    this.#isNew = run.isNew;
    this.#startedBootNs = run.startedBootNs;
    this.pid = run.pid;
    this.startedAt = run.startedAt;
    this.#process = held;
    this.#keptAs = keptAs;
    this.#mounts = mounts;
    this.#output = output;
    const exited = held === null ? Promise.resolve<ProcessExit>({ code: null, signal: null }) : held.exited;
    this.ended = exited.then((exit) => this.#end(exit));
    // Off the path of the start, and of the end of one that does little.
    const what = `what follows the start of container "${identity.definition.id}"`;
    const afterwards = async (): Promise<void> => {
      this.#follow(run.isNew);
      await this.settle();
    };
    setTimeout(guarded(what, afterwards), AFTERWARDS_MS).unref();
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
   * was ended again. Where it throws, nothing is left. `signal` ends a start that is under way, for its reason.
   */
  static async start(identity: Identity, number: number, signal: AbortSignal): Promise<StartedIncarnation> {
    const { host, definition, cgroup, paths } = identity;
    const { kernel, store, journal } = host;
    const { id, layers } = definition;
    const clocks = readClocks();
    const startedAt = instantOf(clocks);
    const [startedMonotonicNs, startedBootNs] = [String(clocks.monotonicNs), String(clocks.bootNs)];
    store.prepare(id, firstId(identity.config) ?? 0);
    host.layers.enforce(paths, identity.limits().storageBytes);
    using plan = await planStart(identity);
    const { config, madeAhead, sources, fallback } = plan;
    const output = new Output(kernel.loop, paths.run, { path: paths.log, gap: host.gaps.of(id) }, host.kept);
    const rootfs = { layers, upper: paths.upper, work: paths.work, mountPoint: paths.rootfs };
    const hold = host.kept.prepare({ id, incarnation: number, startedAt, startedMonotonicNs });
    const start = {
      config,
      cgroup,
      rootfs,
      stdio: output.stdio,
      madeAhead,
      sources,
      hold,
      share: outermostGroup(definition.group),
      signal,
    };
    const starting = startContainer(kernel, start);
    // Written while the container is being set up. Should this process die in between, the next one clears the start away.
    const durable = journal.append({ kind: 'start', id, incarnation: number, at: startedAt, boot: store.bootId });
    let started: Started | undefined;
    try {
      started = await starting;
      const { process: held, isKept, mounts, settle } = started;
      host.kept.started(hold, held, isKept);
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
        frozenForDisk: null,
      });
      const incarnation = new Incarnation(
        identity,
        { number, pid, startedAt, startedMonotonicNs, startedBootNs, isNew: true },
        { process: held, keptAs: hold.key },
        mounts,
        output,
      );
      incarnation.#settling = async () => {
        kernel.networks.refill();
        host.users.refill();
        store.writeBirth(id, { incarnation: number, startedAt, steps: await settle() });
      };
      return { incarnation, fallback, recorded: durable.catch((cause: unknown) => incarnation.#undo(cause)) };
    } catch (error) {
      // startContainer undoes its own; what failed after it, a full /run say, leaves a container that nobody would know of.
      await killCgroup(kernel.loop, cgroup).catch(() => {});
      tryRemoveCgroup(cgroup);
      await output[Symbol.asyncDispose]();
      host.kept.release(hold.key);
      await started?.settle().catch(() => {});
      await started?.mounts.release().catch(() => {});
      await durable.catch(() => {});
      throw error;
    }
  }

  /** Whether a start of this boot that no supervisor finished had come to no process, and has used nothing. */
  static neverBegan({ host, definition, cgroup }: Identity, incarnation: number): boolean {
    if (host.kept.has({ id: definition.id, incarnation }) || processesIn(cgroup).length > 0) return false;
    return (readLast(cgroup)?.reading.cpuUsageNs ?? 0n) === 0n;
  }

  /** Takes over what the supervisor before left: still running, or ended since, which `ended` then tells. */
  static adopt(identity: Identity, runtime: RuntimeState): Incarnation {
    const { host, definition, paths } = identity;
    const { loop, zygotes } = host.kernel;
    const { id } = definition;
    const { incarnation, startTime, startedAt } = runtime;
    host.store.prepare(id, firstId(identity.config) ?? 0);
    const output = new Output(loop, paths.run, { path: paths.log, gap: host.gaps.of(id) }, host.kept);
    const left = host.kept.adopt({ id, incarnation });
    const held = left?.process ?? HeldProcess.adopt(loop, runtime.pid, startTime);
    const startedMonotonicNs = runtime.startedMonotonicNs ?? left?.startedMonotonicNs ?? null;
    let keptAs = left?.key ?? null;
    if (held !== null && startedMonotonicNs !== null) {
      keptAs ??= host.kept.hold({ id, incarnation, startedAt, startedMonotonicNs }, held);
    }
    const pid = held?.pid ?? runtime.pid;
    // The note of it was lost, or not yet written.
    if (runtime.pid === 0 && pid > 0) {
      host.store.writeRuntimeState(id, { ...runtime, pid, startTime: processStartTime(pid) ?? '', startedMonotonicNs });
    }
    const share = outermostGroup(definition.group);
    const mounts = pid > 0 && held !== null ? HeldMounts.of(zygotes, pid, share) : new HeldMounts(zygotes, null, share);
    const { startedBootNs } = runtime;
    const run = { number: incarnation, pid, startedAt, startedMonotonicNs, startedBootNs, isNew: false };
    return new Incarnation(identity, run, { process: held, keptAs }, mounts, output);
  }

  /** It runs, or has run, as far as this supervisor can know. */
  get isHeld(): boolean {
    return this.#process !== null;
  }

  /** Its first process has ended, which `ended` may not say yet. */
  get isOver(): boolean {
    return this.#process?.hasEnded ?? true;
  }

  /** Its command has begun: a start that died with its supervisor may still be setting it up. */
  get hasBegun(): boolean {
    return this.#process?.hasExeced ?? true;
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

  get isRecorded(): boolean {
    return this.#unrecorded === null;
  }

  /** Throws `disk-full` while the record of its end waits for the disk: its cgroup has the counters until then, and a start would add to them. */
  requireRecorded(): void {
    if (this.#unrecorded === null) return;
    const message = `the end of the last run of container "${this.#identity.definition.name}" is not on record yet`;
    throw diskError(this.#unrecorded) ?? new PlimsollError('unavailable', message, { cause: this.#unrecorded });
  }

  /** Kills every process of it; `ended` follows. */
  kill(): Promise<void> {
    return sendKill(this.#identity.host.kernel.loop, this.#identity.cgroup);
  }

  /** The order is the meter's: last reading while the cgroup is still there, recorded, and only then is anything removed. */
  async #end(exit: ProcessExit): Promise<Ending> {
    const { host, definition, cgroup, limits } = this.#identity;
    const { loop } = host.kernel;
    // Of one that was adopted: it may have ended before that.
    const seen = !this.#isNew && this.#keptAs !== null ? host.kept.endOf(this.#keptAs) : null;
    const wasEmpty = seen !== null && processesIn(cgroup).length === 0;
    // The pid namespace is gone with its first process; what joined the cgroup from outside goes now.
    await untilEmpty(loop, cgroup, 100).catch(() => killUntilEmpty(loop, cgroup));
    const last = readLast(cgroup);
    const clocks = seen === null ? readClocks() : clocksThen(readClocks(), BigInt(seen.exitedMonotonicNs));
    // Before the record: a supervisor that comes later reads no output of an end that is on record.
    await this.#output[Symbol.asyncDispose]();
    const { id, name, group, image, labels } = definition;
    const ending: Ending = {
      startedAt: this.startedAt,
      exitedAt: instantOf(clocks),
      counters: last === null ? null : finalCounters(last),
      ...exitStatus(exit, last?.oomKills ?? null),
    };
    const readAtNs = last === null ? null : String(last.reading.atNs);
    // What went on in it after its first process counts until it was ended.
    const exitedMonotonicNs = wasEmpty ? seen.exitedMonotonicNs : readAtNs;
    const { written, durable, failing } = host.ledger.recordExit({
      ...{ id, name, group, image, labels, limits: limits(), incarnation: this.#number },
      ...{ startedMonotonicNs: this.#startedMonotonicNs, exitedMonotonicNs },
      ...(this.#startedBootNs === null
        ? { bootId: null, startedBootNs: null, exitedBootNs: null }
        : { bootId: host.store.bootId, startedBootNs: this.#startedBootNs, exitedBootNs: String(clocks.bootNs) }),
      ...ending,
    });
    this.#hasEnded = true;
    if (this.#followed === null) host.incidents.ended(definition, last?.oomKills ?? 0);
    else this.#followed.end();
    let isWritten = false;
    const recorded = written.then(async () => {
      isWritten = true;
      this.#unrecorded = null;
      if (this.#keptAs !== null) host.kept.release(this.#keptAs);
      // While the disk syncs. Should the power fail meanwhile, no cgroup is left to be read again anyway.
      tryRemoveCgroup(cgroup);
      host.store.clearRuntimeState(id);
      await durable;
    });
    // Nobody is to wait for a disk that takes nothing: the record follows, and the cgroup stays until then.
    await Promise.race([recorded, failing.then((error) => void (this.#unrecorded = isWritten ? null : error))]);
    // The next start does not wait for the timer, but for the release.
    setTimeout(
      guarded(`the mounts of container "${id}"`, () => this.#mounts.release()),
      AFTERWARDS_MS,
    ).unref();
    return ending;
  }

  /** A start that no later supervisor would know of is none. */
  async #undo(cause: unknown): Promise<never> {
    await this.kill();
    const message = `container "${this.#identity.definition.name}" was ended again: its start could not be recorded`;
    throw diskError(cause) ?? new PlimsollError('start-failed', message, { cause });
  }
}
