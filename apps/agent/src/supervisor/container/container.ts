import { Cgroup, type LimitAnswer } from '@plimsoll/core';
import {
  changeBack,
  PlimsollError,
  type BirthStep,
  type ContainerState,
  type FinalCounters,
  type Limits,
  type LimitsChange,
  type Signal,
} from '@plimsoll/protocol';
import { complain } from '../complain.ts';
import { neverBegan } from '../adopt-incarnation.ts';
import type { Host, Identity } from '../identity.ts';
import type { ContainerDefinition, ContainerRecord, DiskFreeze } from '../protocol.ts';
import { checkDefinition, firstId, type Joinable } from '../start-config.ts';
import type { ContainerPaths, RuntimeState } from '../store.ts';
import { Freezer } from './freezer.ts';
import { Incarnations } from './incarnations.ts';
import { Lifecycle } from './lifecycle.ts';
import { ContainerLimits } from './limits.ts';
import { fixedRecord, type FixedRecord } from './record.ts';
import { Starter } from './starter.ts';
import { Stopper } from './stopper.ts';

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

/** One container: its definition, its record, and its verbs. Those that start, freeze and stop it are described with their part. */
export class Container {
  readonly #identity: Identity;
  readonly #around: Surroundings;
  #fixed: FixedRecord;
  readonly #limits: ContainerLimits;
  readonly #lifecycle: Lifecycle;
  readonly #incarnations: Incarnations;
  readonly #freezer: Freezer;
  readonly #starter: Starter;
  readonly #stopper: Stopper;
  #deleted: Promise<boolean> = Promise.resolve(true);

  /** Throws InvalidConfig. */
  constructor(host: Host, definition: ContainerDefinition, around: Surroundings) {
    const config = checkDefinition(definition);
    const { group } = definition;
    this.#identity = {
      host,
      definition,
      config,
      cgroup: new Cgroup(host.layout, config.linux.cgroupsPath),
      paths: host.store.paths(definition.id),
      onFrozen: (frozen) => this.#freezer.changedOutside(frozen),
      join: (id) => around.join(id),
      limits: () => this.#limits.current,
    };
    this.#around = around;
    this.#fixed = fixedRecord(definition, config);
    this.#limits = new ContainerLimits(this.#identity, config);
    const lifecycle = new Lifecycle(this.#identity, () => around.changed(this));
    const incarnations = new Incarnations(lifecycle);
    const freezer = new Freezer(lifecycle, {
      frozen: () => around.frozenGroup(group),
      areChanging: () => around.isGroupChanging(group),
    });
    const starter = new Starter({ lifecycle, incarnations, freezer, prepareGroup: () => around.prepareGroup(group) });
    this.#lifecycle = lifecycle;
    this.#incarnations = incarnations;
    this.#freezer = freezer;
    this.#starter = starter;
    this.#stopper = new Stopper({ lifecycle, incarnations, reasons: freezer.reasons, starter });
  }

  get definition(): ContainerDefinition {
    return this.#identity.definition;
  }

  get record(): ContainerRecord {
    const { number, lastExit, lacks } = this.#incarnations;
    return {
      ...this.#fixed,
      limits: this.#limits.current,
      incarnation: number,
      state: this.#lifecycle.state,
      lastExit,
      fallback: lacks.fallback,
      ...(lacks.unmapped.length > 0 && { unmapped: [...lacks.unmapped] }),
    };
  }

  /** Of the range of host ids that its files belong to; null: the host's own. */
  get firstId(): number | null {
    return firstId(this.#identity.config);
  }

  get paths(): ContainerPaths {
    return this.#identity.paths;
  }

  /** Its deletion is over. False: something is left, and its ids stay its own. */
  get deleted(): Promise<boolean> {
    return this.#deleted;
  }

  /** As one whose namespaces are joined. Null: it does not run. */
  get joinable(): Joinable | null {
    const { state } = this.#lifecycle;
    const { current, lacks } = this.#incarnations;
    if (!('pid' in state) || current === null) return null;
    const isInOwn = lacks.fallback === null;
    const { definition } = this;
    return { name: definition.name, definition, pid: state.pid, firstId: isInOwn ? this.firstId : null };
  }

  get status(): ContainerState['status'] {
    return this.#lifecycle.status;
  }

  get isAlive(): boolean {
    return this.#lifecycle.isAlive;
  }

  /** The end of its last run is on record. */
  get isRecorded(): boolean {
    return this.#incarnations.isRecorded;
  }

  get isRestarting(): boolean {
    return this.#stopper.isRestarting;
  }

  start(): Promise<void> {
    return this.#starter.start();
  }

  resumeStart(): void {
    this.#starter.resume();
  }

  /** `because`: for want of space on a file system. */
  freeze(because?: DiskFreeze): Promise<void> {
    return this.#freezer.freeze(because);
  }

  thaw(): Promise<void> {
    return this.#freezer.thaw();
  }

  /** A group that it is in was frozen or thawed. */
  groupChanged(): void {
    this.#freezer.show();
    this.#starter.groupChanged();
  }

  signal(signal: Signal): Promise<void> {
    return this.#stopper.signal(signal);
  }

  stop(graceMs: number): Promise<void> {
    return this.#stopper.stop(graceMs);
  }

  restart(graceMs: number): Promise<void> {
    return this.#stopper.restart(graceMs);
  }

  kill(): Promise<void> {
    return this.#stopper.kill();
  }

  expectEnd(): void {
    this.#stopper.expectEnd();
  }

  ended(): Promise<void> {
    return this.#stopper.ended();
  }

  /** Changes limits; of one that runs in the kernel first, whose answers it resolves with once they are durable. */
  async update(change: LimitsChange): Promise<LimitAnswer[]> {
    const { host, definition, cgroup } = this.#identity;
    return await this.#lifecycle.onceStarted('update', async () => {
      this.#lifecycle.require('update');
      const before = this.#limits.current;
      const running = (): Cgroup | null => (this.isAlive ? cgroup : null);
      const answers = this.#limits.change(change, running());
      try {
        await host.late.settle(definition.id);
        await host.journal.append({ kind: 'limits', id: definition.id, limits: this.#limits.current });
      } catch (error) {
        this.#limits.change(changeBack(before, change), running());
        throw error;
      }
      this.#incarnations.current?.limitsChanged();
      this.store();
      this.#around.changed(this);
      return answers;
    });
  }

  /** Beside its files: what restores it where the journal is lost. */
  store(): void {
    const { definition } = this;
    try {
      this.#identity.host.store.writeDefinition(definition.id, { definition, limits: this.#limits.current });
    } catch (error) {
      complain(`cannot store the definition of container "${definition.id}" beside its files`, error);
    }
  }

  /** Writes those of its files again that are lost, as far as it is known what stood in them; looks into them where not all is known to be whole. */
  repairFiles(isComplete: boolean): void {
    const { store } = this.#identity.host;
    const { id } = this.definition;
    const { number } = this.#incarnations;
    if (isComplete ? !store.isDefinitionSound(id) : store.readDefinition(id) === null) this.store();
    if (number === 0 || store.readBirthNumber(id) !== null) return;
    store.writeBirth(id, { incarnation: number, startedAt: null, steps: [] });
  }

  /** Resolves with the name that it had, when the new one is durable. */
  rename(name: string): Promise<string> {
    return this.#lifecycle.inTurn(async () => {
      const before = this.definition.name;
      const { journal, late } = this.#identity.host;
      await late.settle(this.definition.id);
      await journal.append({ kind: 'renamed', id: this.definition.id, name });
      this.#identity.definition = { ...this.definition, name };
      this.#fixed = { ...this.#fixed, name };
      this.store();
      this.#around.changed(this);
      return before;
    });
  }

  /** Refuses a container that runs; deletes its files. The registry forgets it. */
  remove(): Promise<void> {
    return this.#lifecycle.inTurn(async () => {
      this.#lifecycle.require('remove');
      const { late, store, layers } = this.#identity.host;
      await late.append({ kind: 'removed', id: this.definition.id });
      this.#lifecycle.markRemoved();
      const clearLimit = layers.end(this.paths);
      this.#deleted = store.remove(this.definition.id).then((isGone) => {
        if (isGone) clearLimit();
        return isGone;
      });
    });
  }

  birth(): BirthStep[] {
    const birth = this.#identity.host.store.readBirth(this.definition.id);
    if (birth !== null && birth.steps.length > 0) return birth.steps;
    const message = `container "${this.definition.name}" has no record of how it was made: it has not been started, or the record was damaged`;
    throw new PlimsollError('not-found', message, { hint: 'Start it first.' });
  }

  /** What the journal knew when the supervisor began. */
  restore(starts: number, lastExit: FinalCounters | null, state: ContainerState, limits: Limits | undefined): void {
    this.#incarnations.restore(starts, lastExit);
    this.#lifecycle.restore(state);
    if (limits !== undefined) this.#limits.restore(limits);
  }

  /** Whether a start of this boot that no supervisor finished had come to no process. */
  neverBegan(incarnation: number): boolean {
    return neverBegan(this.#identity, incarnation);
  }

  /** Takes over what the supervisor before left running; where it has ended since, resolves when that is recorded. */
  async adopt(runtime: RuntimeState): Promise<void> {
    if (!(await this.#incarnations.adopt(runtime))) return;
    this.#freezer.adopt(runtime);
    this.#limits.enforce(this.#identity.cgroup);
  }
}
