import { guarded } from '@plimsoll/core/guarded';
import {
  killUntilEmpty,
  processesIn,
  readClocks,
  readLast,
  sendKill,
  tryRemoveCgroup,
  untilEmpty,
  type HeldMounts,
  type HeldProcess,
  type ProcessExit,
} from '@plimsoll/core';
import { PlimsollError, type ExitStatus, type FinalCounters } from '@plimsoll/protocol';
import { diskError } from '../disk-failure.ts';
import { exitStatus, finalCounters } from './exit-record.ts';
import type { Identity } from './identity.ts';
import { clocksThen, instantOf } from './instant-of.ts';
import type { FollowedContainer } from './incidents.ts';
import type { Streams } from './attach/streams.ts';
import type { RuntimeState } from './store.ts';

const AFTERWARDS_MS = 20;
const SIGKILL = 9;

/** How an incarnation ended. */
export interface Ending extends ExitStatus {
  startedAt: string;
  exitedAt: string;
  counters: FinalCounters | null;
}

export interface IncarnationParts {
  run: Pick<RuntimeState, 'pid' | 'startedAt' | 'startedMonotonicNs' | 'startedBootNs'> & { number: number };
  /** Null: it has ended by now. */
  process: HeldProcess | null;
  /** With the keeper; null: it has none of it. */
  keptAs: bigint | null;
  mounts: HeldMounts;
  streams: Streams;
  /** Only of one that this supervisor has started: what its start left for later. */
  settleStart?: () => Promise<void>;
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
  readonly #streams: Streams;
  #followed: FollowedContainer | null = null;
  /** Null once begun, since it holds all that the start was made of; and of an adopted one, whose start is long over. */
  #settleStart: (() => Promise<void>) | null;
  #settled: Promise<void> = Promise.resolve();
  #hasEnded = false;
  /** Why the disk did not take the record of its end yet. */
  #unrecorded: unknown = null;

  constructor(identity: Identity, { run, process: held, keptAs, mounts, streams, settleStart }: IncarnationParts) {
    this.#identity = identity;
    this.#number = run.number;
    this.#startedMonotonicNs = run.startedMonotonicNs;
    this.#isNew = settleStart !== undefined;
    this.#startedBootNs = run.startedBootNs;
    this.pid = run.pid;
    this.startedAt = run.startedAt;
    this.#process = held;
    this.#keptAs = keptAs;
    this.#mounts = mounts;
    this.#streams = streams;
    this.#settleStart = settleStart ?? null;
    const exited = held === null ? Promise.resolve<ProcessExit>({ code: null, signal: null }) : held.exited;
    this.ended = exited.then((exit) => this.#end(exit));
    // Off the path of the start, and of the end of one that does little.
    const what = `what follows the start of container "${identity.definition.id}"`;
    const afterwards = async (): Promise<void> => {
      this.#follow();
      await this.settle();
    };
    setTimeout(guarded(what, afterwards), AFTERWARDS_MS).unref();
  }

  /** Resolves when nothing is held of its start any more, nor of one that has ended. It is not to be started again before. */
  async settle(): Promise<void> {
    const settleStart = this.#settleStart;
    this.#settleStart = null;
    if (settleStart !== null) this.#settled = settleStart();
    await this.#settled;
    if (this.#hasEnded) await this.#mounts.release();
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

  #follow(): void {
    if (this.#hasEnded) return;
    const { host, definition, cgroup, onFrozen } = this.#identity;
    this.#followed = host.incidents.follow(definition, cgroup, this.#isNew, onFrozen);
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
    // On v1 a first process that is being set up may not be in its cgroup yet.
    this.signal(SIGKILL);
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
    await this.#streams[Symbol.asyncDispose]();
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
}
