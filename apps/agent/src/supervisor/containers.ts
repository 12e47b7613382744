import { attempt, logFault } from '@plimsoll/core/guarded';
import { checkSteps, InvalidConfig, type OciConfig } from '@plimsoll/core';
import { PlimsollError, type Incident } from '@plimsoll/protocol';
import { notFound } from '../not-found.ts';
import { clearCgroups } from './clear-cgroups.ts';
import { clearStrays } from './clear-strays.ts';
import { Container } from './container/container.ts';
import { EndedRemovals } from './ended-removals.ts';
import { GroupTree } from './group-tree.ts';
import { Groups } from './groups.ts';
import type { Host } from './identity.ts';
import { invalidConfig } from './invalid-config.ts';
import { clearLeftovers } from './leftovers.ts';
import type { ContainerDefinition, ContainerRecord } from './protocol.ts';
import { Observers } from './observers.ts';
import type { Reconstruction } from './reconstruction.ts';
import { resumeStart, takeOver, type Past } from './recovery.ts';
import { firstId, needsIds, withIds, type Joinable } from './start-config.ts';

/** Every container of this supervisor. */
export class Containers {
  readonly #host: Host;
  readonly #root: string;
  readonly #byId = new Map<string, Container>();
  readonly #names = new Map<string, string>();
  readonly #removals: EndedRemovals;
  #isRecovering = true;
  readonly #groupTree: GroupTree;
  readonly observers = new Observers();
  readonly groups: Groups;

  /** `root`: the name of the cgroup root. */
  constructor(host: Host, root: string) {
    this.#host = host;
    this.#root = root;
    this.#removals = new EndedRemovals(
      (id) => host.attachments.clientOf(id),
      async ({ id, incarnation }) => {
        // It may have been removed, or started again.
        if (this.#byId.get(id)?.record.incarnation === incarnation) await this.remove(id, false);
      },
    );
    this.#groupTree = new GroupTree(host, root, {
      members: (group) => [...this.#byId.values()].filter(({ definition }) => group.holds(definition.group)),
      tell: (record) => this.observers.report((observer) => observer.group(record)),
      tellRemoved: (path) => this.observers.report((observer) => observer.groupRemoved(path)),
    });
    this.groups = new Groups(host, this.#groupTree, ({ definition }) => this.remove(definition.id, true));
  }

  get records(): ContainerRecord[] {
    return [...this.#byId.values()].map((container) => container.record);
  }

  get anyAlive(): boolean {
    return [...this.#byId.values()].some(({ isAlive }) => isAlive);
  }

  /** The newest, oldest first. */
  get incidents(): readonly Incident[] {
    return this.#host.incidents.recent;
  }

  /** Why no layer can be limited on this host; null: each can. */
  get whyNoProjectQuotas(): string | null {
    return this.#host.layers.whyNone;
  }

  /** Of the file system that images and layers lie on. */
  async whyNoIdMaps(): Promise<string | null> {
    return await this.#host.users.whyNoIdMap(this.#host.store.directory);
  }

  find(id: string): Container | undefined {
    return this.#byId.get(id);
  }

  get(id: string): Container {
    const container = this.#byId.get(id);
    if (container === undefined) throw notFound('container', id);
    return container;
  }

  /** Resolves when it is durable; where it cannot be, nothing is left of it. */
  async create(definition: ContainerDefinition): Promise<Container> {
    await this.#host.late.settle(definition.id);
    const { container, durable } = this.#begin(definition);
    try {
      await durable;
      return container;
    } catch (error) {
      await this.remove(definition.id, true).catch(() => {});
      throw error;
    }
  }

  /** The container can be started before it is durable; `run` does. */
  #begin(asked: ContainerDefinition): { container: Container; durable: Promise<void> } {
    const { id, name } = asked;
    this.#requireFree(name);
    this.#host.layers.require(asked.limits.storageBytes);
    if (this.#byId.has(id)) throw new PlimsollError('conflict', `there is a container with the id ${id} already`);
    const definition = this.#withIds(asked);
    const container = this.#makeNew(definition);
    this.#groupTree.use(definition.group);
    this.#know(container);
    this.#prepareNew(container);
    const durable = this.#host.journal.append({ kind: 'created', id, definition });
    // Only now: a directory with a definition is that of a container that the journal has.
    container.store();
    this.#tell(container);
    return { container, durable };
  }

  /** Create and start as one; where the start fails nothing is left. */
  async run(definition: ContainerDefinition): Promise<Container> {
    // The removal of one with the same id, which came to no start.
    await this.#host.late.settle(definition.id);
    const { container, durable } = this.#begin(definition);
    try {
      // The disk and the kernel work at the same time.
      await Promise.all([durable, container.start()]);
      return container;
    } catch (error) {
      await this.remove(definition.id, true).catch(() => {});
      throw error;
    }
  }

  /** Resolves when it is durable. */
  async rename(id: string, name: string): Promise<Container> {
    const container = this.get(id);
    // It has that name: a rename that is repeated.
    if (container.definition.name === name) return container;
    this.#requireFree(name);
    // From now on nobody else is called so.
    this.#names.set(name, id);
    try {
      this.#names.delete(await container.rename(name));
      return container;
    } catch (error) {
      this.#names.delete(name);
      throw error;
    }
  }

  async remove(id: string, force: boolean): Promise<void> {
    const container = this.get(id);
    if (force && container.isAlive) await container.kill().catch(() => container.ended());
    try {
      await container.remove();
    } catch (error) {
      // Its end has removed it: that of a start that failed (run), or of a container with autoRemove.
      if (force && error instanceof PlimsollError && error.code === 'not-found') return;
      throw error;
    }
    this.#forget(container);
    this.#groupTree.release(container.definition.group);
    container.deleted
      .then((isGone) => isGone && this.#releaseIds(container.firstId))
      .catch((error: unknown) => logFault(`the ids of container "${id}"`, error));
  }

  /** Takes up what there was when the supervisor before ended; clears what belongs to nothing. */
  async recover({ pasts, groups, missing, deletable, isComplete }: Reconstruction): Promise<void> {
    const { late } = this.#host;
    await Promise.all(missing.map((entry) => late.append(entry)));
    this.#groupTree.restore(groups);
    for (const past of pasts) {
      attempt(`container "${past.definition.id}", which stays as it is`, () => this.#takeUp(past.definition));
    }
    clearLeftovers(this.#host, deletable, (first) => this.#releaseIds(first));
    this.#groupTree.reconcile();
    for (const past of pasts) await this.#takeOver(past, isComplete);
    await clearStrays(this.#host, this.#root, { groups: this.#groupTree.cgroupsKept, containers: [...this.#byId.values()] });
    for (const past of pasts) {
      const container = this.find(past.definition.id);
      if (container !== undefined) attempt(`the start of container "${past.definition.id}"`, () => resumeStart(container, past));
    }
    this.#isRecovering = false;
    for (const id of this.#host.counts.ids) if (!this.#byId.has(id)) this.#host.counts.release(id);
    for (const container of this.#byId.values()) this.#removals.consider(container);
  }

  /** Ends every container, and removes the cgroup root. Returns how many it ended. */
  async shutdown(): Promise<number> {
    const alive = [...this.#byId.values()].filter(({ isAlive }) => isAlive);
    await Promise.allSettled(alive.map((container) => container.kill()));
    await Promise.allSettled([...this.#byId.values()].map((container) => container.ended()));
    this.#groupTree.recordEnds();
    await clearCgroups(this.#host, this.#root, new Set());
    return alive.length;
  }

  /** Throws `bad-request` for a config that core does not carry out, or that would put it elsewhere than it says. */
  #make(definition: ContainerDefinition): Container {
    try {
      const container = new Container(this.#host, definition, {
        changed: (changed) => this.#changed(changed),
        frozenGroup: (group) => this.#groupTree.frozenGroup(group),
        isGroupChanging: (group) => this.groups.isChanging(group),
        prepareGroup: (group) => this.#groupTree.prepare(group),
        join: (joined) => this.#join(definition, joined),
      });
      const expected = `${this.#root}/${definition.group}/${definition.id}`;
      if (container.record.cgroup !== expected) throw new InvalidConfig('linux.cgroupsPath', `is not ${expected}`);
      return container;
    } catch (error) {
      if (error instanceof InvalidConfig) throw invalidConfig(error);
      throw error;
    }
  }

  /** As a new one; its ids are nobody's again where it cannot be. */
  #makeNew(definition: ContainerDefinition): Container {
    const config = definition.config as unknown as OciConfig;
    try {
      const container = this.#make(definition);
      checkSteps(config);
      return container;
    } catch (error) {
      this.#releaseIds(firstId(config));
      throw error instanceof InvalidConfig ? invalidConfig(error) : error;
    }
  }

  /** Its directories, and the limit of its layer; nothing is left of it where they cannot be made. */
  #prepareNew(container: Container): void {
    const { store, layers } = this.#host;
    const { id, group, limits } = container.definition;
    try {
      store.prepare(id, container.firstId ?? 0);
      layers.enforce(container.paths, limits.storageBytes);
    } catch (error) {
      this.#forget(container);
      this.#groupTree.release(group);
      void store.remove(id).then((isGone) => isGone && this.#releaseIds(container.firstId));
      throw error;
    }
  }

  /** A range of ids of its own, or that of the container whose user namespace it shares. */
  #withIds(definition: ContainerDefinition): ContainerDefinition {
    const { user } = definition.sharing;
    if (user !== undefined) {
      const first = this.get(user).firstId;
      return first === null ? definition : withIds(definition, first);
    }
    return needsIds(definition) ? withIds(definition, this.#host.users.assign()) : definition;
  }

  /** Those who share a user namespace share its ids, and the last of them lets go. */
  #releaseIds(first: number | null): void {
    if (first === null) return;
    const isUsed = [...this.#byId.values()].some((container) => container.firstId === first);
    if (!isUsed) this.#host.users.release(first);
  }

  /** What fails for one container stays with it: all others can be managed. */
  async #takeOver(past: Past, isComplete: boolean): Promise<void> {
    const { id } = past.definition;
    const container = this.find(id);
    if (container === undefined) return;
    try {
      await takeOver(container, past, this.#host.store.bootId);
    } catch (error) {
      logFault(`container "${id}" cannot be taken over`, error);
    }
    attempt(`the files of container "${id}"`, () => container.repairFiles(isComplete));
  }

  #takeUp(definition: ContainerDefinition): void {
    const container = this.#make(definition);
    this.#groupTree.use(definition.group);
    if (container.firstId !== null) this.#host.ranges.claim(container.firstId);
    this.#know(container);
  }

  #join({ name }: ContainerDefinition, id: string): Joinable {
    const joined = this.#byId.get(id);
    const joinable = joined?.joinable ?? null;
    if (joinable !== null) return joinable;
    const whose =
      joined === undefined ? `container ${id}, which is gone` : `container "${joined.definition.name}", which does not run`;
    throw new PlimsollError('wrong-state', `container "${name}" shares a namespace of ${whose}`, {
      hint: joined === undefined ? 'Make it anew, without that namespace.' : 'Start that one first.',
    });
  }

  #requireFree(name: string): void {
    if (this.#names.has(name)) throw new PlimsollError('conflict', `there is a container named "${name}" already`);
  }

  #know(container: Container): void {
    const { id, name } = container.definition;
    this.#byId.set(id, container);
    this.#names.set(name, id);
  }

  #forget(container: Container): void {
    const { id, name } = container.definition;
    if (!this.#byId.delete(id)) return;
    this.#removals.cancel(id);
    this.#names.delete(name);
    this.#host.attachments.removed(id);
    this.observers.report((observer) => observer.removed(id));
  }

  #changed(container: Container): void {
    this.#tell(container);
    this.#host.attachments.changed(container.record);
    // Which ones a start follows is known once all are recovered.
    if (!this.#isRecovering) this.#removals.consider(container);
  }

  /** The client that was attached to it is gone. */
  clientGone(id: string): void {
    const container = this.#byId.get(id);
    if (container !== undefined) this.#removals.consider(container);
  }

  #tell(container: Container): void {
    if (this.observers.size === 0) return;
    const { record } = container;
    this.observers.report((observer) => observer.container(record));
  }
}
