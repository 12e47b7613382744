import { Cgroup, InvalidConfig, killCgroup, tryRemoveCgroup, type OciConfig } from '@plimsoll/core';
import { DEFAULT_STOP_GRACE_MS, PlimsollError, type ContainerState, type Incident, type Limits } from '@plimsoll/protocol';
import { existsSync, readdirSync } from 'node:fs';
import { complain } from './complain.ts';
import { Container } from './container.ts';
import { Groups } from './groups.ts';
import type { Host } from './incarnation.ts';
import { invalidConfig } from './invalid-config.ts';
import type { JournalEntry, Wish } from './journal-entry.ts';
import type { ExitRecord, LedgerRecord } from './ledger-record.ts';
import type { ContainerDefinition, ContainerRecord, GroupRecord } from './protocol.ts';
import { firstId, needsIds, withIds, type Joinable } from './start-config.ts';
import type { RuntimeState } from './store.ts';

/** For who attends a container to read the last of its output, and how it ended. */
export const ATTENDED_MS = 60_000;

/** Told of every change: a record, or the id or path of what was removed. */
export interface Observer {
  container(record: ContainerRecord): void;
  removed(id: string): void;
  group(record: GroupRecord): void;
  groupRemoved(path: string): void;
  incident(incident: Incident): void;
  ledgerRecord(record: LedgerRecord): void;
}

/** Every container of this supervisor. */
export class Containers {
  readonly #host: Host;
  readonly #root: string;
  readonly #byId = new Map<string, Container>();
  readonly #names = new Map<string, string>();
  #isRecovering = true;
  readonly observers = new Set<Observer>();
  readonly groups: Groups;

  /** `root`: the name of the cgroup root. */
  constructor(host: Host, root: string) {
    this.#host = host;
    this.#root = root;
    this.groups = new Groups(host, root, {
      members: (group) => [...this.#byId.values()].filter(({ definition }) => group.holds(definition.group)),
      remove: ({ definition }) => this.remove(definition.id, true),
      tell: (record) => this.observers.forEach((observer) => observer.group(record)),
      tellRemoved: (path) => this.observers.forEach((observer) => observer.groupRemoved(path)),
    });
  }

  get records(): ContainerRecord[] {
    return [...this.#byId.values()].map((container) => container.record);
  }

  /** The newest, oldest first. */
  get incidents(): readonly Incident[] {
    return this.#host.incidents.recent;
  }

  /** Of the file system that images and layers lie on. */
  async whyNoIdMaps(): Promise<string | null> {
    return await this.#host.users.whyNoIdMap(this.#host.store.directory);
  }

  get(id: string): Container {
    const container = this.#byId.get(id);
    if (container === undefined) throw new PlimsollError('not-found', `there is no container ${id}`);
    return container;
  }

  /** Resolves when it is durable. The container can be started before that; `run` does. */
  create(asked: ContainerDefinition): { container: Container; durable: Promise<void> } {
    const { id, name } = asked;
    this.#requireFree(name);
    if (this.#byId.has(id)) throw new PlimsollError('conflict', `there is a container with the id ${id} already`);
    const definition = this.#withIds(asked);
    const container = this.#makeNew(definition);
    this.groups.use(definition.group);
    this.#know(container);
    this.#host.store.prepare(id, container.firstId ?? 0);
    const durable = this.#host.journal.append({ kind: 'created', id, definition });
    this.#tell(container);
    return { container, durable };
  }

  /** Create and start as one; where the start fails nothing is left. */
  async run(definition: ContainerDefinition): Promise<Container> {
    const { container, durable } = this.create(definition);
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
    await container.remove();
    this.#forget(container);
    this.groups.release(container.definition.group);
    void container.deleted.then(() => this.#releaseIds(container.firstId));
  }

  /** Takes up what the journal, the runtime state and the kernel tell of before; clears what belongs to nothing. */
  async recover(entries: readonly JournalEntry[]): Promise<void> {
    const { store } = this.#host;
    const exits = new Map<string, ExitRecord>();
    const starts = new Map<string, { incarnation: number; at: string }>();
    const limits = new Map<string, Limits>();
    const names = new Map(entries.flatMap((entry) => (entry.kind === 'renamed' ? [[entry.id, entry.name]] : [])));
    const wishes = new Map<string, Wish>();
    this.groups.restore(entries.filter((entry) => entry.kind === 'group'));
    for (const entry of entries) {
      if (entry.kind === 'created') this.groups.use(entry.definition.group);
      if (entry.kind === 'created') this.#takeUp({ ...entry.definition, name: names.get(entry.id) ?? entry.definition.name });
      if (entry.kind === 'limits') limits.set(entry.id, entry.limits);
      if (entry.kind === 'exit') exits.set(entry.id, entry);
      if (entry.kind === 'start') starts.set(entry.id, entry);
      if (entry.kind === 'start') wishes.delete(entry.id);
      if (entry.kind === 'desired') wishes.set(entry.id, entry.desired);
    }
    store.keepOnly(new Set(this.#byId.keys()));
    this.groups.reconcile();
    for (const container of this.#byId.values()) {
      const { id } = container.definition;
      const exit = exits.get(id);
      const start = starts.get(id);
      const last = Math.max(exit?.incarnation ?? 0, start?.incarnation ?? 0);
      container.restore(last, exit?.counters ?? null, stateBefore(exit, start), limits.get(id));
      // Started, and no end recorded: it runs still, or it ended unwatched and its counters are waiting to be read.
      if (start !== undefined && start.incarnation > (exit?.incarnation ?? 0)) {
        const runtime = store.readRuntimeState(id);
        await container.adopt(runtime?.incarnation === start.incarnation ? runtime : lostTrackOf(store.bootId, start));
      }
      // The supervisor before was asked to stop it, and did not live to see it through.
      const wish = wishes.get(id);
      if (wish === 'stopped' && container.isAlive) {
        container.stop(DEFAULT_STOP_GRACE_MS).catch((error: unknown) => complain(`cannot stop container "${id}"`, error));
      }
      if (wish === 'restarted' && container.isAlive) {
        container.restart(DEFAULT_STOP_GRACE_MS).catch((error: unknown) => complain(`cannot restart container "${id}"`, error));
      }
    }
    await this.#clearStrays();
    for (const container of this.#byId.values()) {
      const wish = wishes.get(container.definition.id);
      if ((wish === 'running' || wish === 'restarted') && !container.isAlive) container.resumeStart();
    }
    this.#isRecovering = false;
    for (const container of this.#byId.values()) this.#removeEnded(container);
  }

  /** Ends every container, and removes the cgroup root. Returns how many it ended. */
  async shutdown(): Promise<number> {
    const alive = [...this.#byId.values()].filter(({ isAlive }) => isAlive);
    await Promise.allSettled(alive.map((container) => container.kill()));
    await Promise.allSettled([...this.#byId.values()].map((container) => container.ended()));
    this.groups.recordEnds();
    await this.#clear(new Set());
    return alive.length;
  }

  /** Throws `bad-request` for a config that core does not carry out, or that would put it elsewhere than it says. */
  #make(definition: ContainerDefinition): Container {
    try {
      const container = new Container(this.#host, definition, {
        changed: (changed) => this.#changed(changed),
        frozenGroup: (group) => this.groups.frozenGroup(group),
        isGroupChanging: (group) => this.groups.isChanging(group),
        prepareGroup: (group) => this.groups.prepare(group),
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
    try {
      return this.#make(definition);
    } catch (error) {
      this.#releaseIds(firstId(definition.config as unknown as OciConfig));
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

  #takeUp(definition: ContainerDefinition): void {
    const container = this.#make(definition);
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
    this.#names.delete(name);
    for (const observer of this.observers) observer.removed(id);
  }

  #changed(container: Container): void {
    this.#tell(container);
    this.#removeEnded(container);
  }

  /** One that is to go with its end, unless a start follows: of which that is so is known once all are recovered. */
  #removeEnded(container: Container): void {
    const { id, autoRemove, attended } = container.definition;
    const { state, incarnation } = container.record;
    if (!autoRemove || state.status !== 'exited' || container.isRestarting || this.#isRecovering) return;
    if (attended !== true) return void setImmediate(() => void this.remove(id, false).catch(() => {}));
    const remove = (): void => {
      if (this.#byId.get(id)?.record.incarnation === incarnation) void this.remove(id, false).catch(() => {});
    };
    const leftMs = Date.parse(state.exitedAt) + ATTENDED_MS - Date.now();
    setTimeout(remove, Math.max(0, Math.min(leftMs, ATTENDED_MS))).unref();
  }

  #tell(container: Container): void {
    if (this.observers.size === 0) return;
    const { record } = container;
    for (const observer of this.observers) observer.container(record);
  }

  /** A start that died with its supervisor left these, or a group that has no members any more. */
  async #clearStrays(): Promise<void> {
    const kept = new Set(this.groups.cgroupsKept);
    for (const { status, isAlive, record } of this.#byId.values()) {
      const { lineage } = new Cgroup(this.#host.layout, record.cgroup);
      // One that runs keeps its own cgroup; one that ran keeps its group's, and with it the group's counters.
      for (const path of isAlive ? lineage : status === 'created' ? [] : lineage.slice(0, -1)) kept.add(path);
    }
    await this.#clear(kept);
  }

  /** Kills and removes every cgroup below the root, and the root, but those. */
  async #clear(kept: ReadonlySet<string>): Promise<void> {
    const { kernel, layout } = this.#host;
    for (const path of cgroupsBelow(layout, this.#root).toReversed()) {
      if (kept.has(path)) continue;
      const cgroup = new Cgroup(layout, path);
      await killCgroup(kernel.loop, cgroup).catch(() => {});
      tryRemoveCgroup(cgroup);
    }
  }
}

/** Nobody knows its process: what is left of it in its cgroup is ended, and recorded. */
function lostTrackOf(bootId: string, { incarnation, at }: { incarnation: number; at: string }): RuntimeState {
  return { bootId, incarnation, pid: 0, startTime: '', startedAt: at, startedMonotonicNs: null, frozenAt: null };
}

function stateBefore(exit: ExitRecord | undefined, start: { incarnation: number; at: string } | undefined): ContainerState {
  if (exit !== undefined && exit.incarnation >= (start?.incarnation ?? 0)) {
    const { startedAt, exitedAt, exitCode, signal, oomKilled } = exit;
    return { status: 'exited', startedAt, exitedAt, exitCode, signal, oomKilled };
  }
  // Started, and no record of an end: the host went down with it, or the start did not come to exec.
  if (start !== undefined) {
    return { status: 'exited', startedAt: start.at, exitedAt: start.at, exitCode: null, signal: null, oomKilled: false };
  }
  return { status: 'created' };
}

/** The root and every cgroup below it in any hierarchy, parents before children. */
function cgroupsBelow(layout: Host['layout'], root: string): string[] {
  const paths = new Set<string>();
  for (const mount of new Cgroup(layout, root).mounts) {
    if (!existsSync(`${mount}/${root}`)) continue;
    paths.add(root);
    for (const entry of readdirSync(`${mount}/${root}`, { withFileTypes: true, recursive: true })) {
      if (entry.isDirectory()) paths.add(`${entry.parentPath.slice(mount.length + 1)}/${entry.name}`);
    }
  }
  return [...paths].toSorted();
}
