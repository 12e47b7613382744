import { cgroupIdentity, freezeCgroup, readClocks, readLast, removeCgroup, tryRemoveCgroup } from '@plimsoll/core';
import { notFound } from '../not-found.ts';
import { complain } from './complain.ts';
import type { Container } from './container/container.ts';
import { finalCounters } from './exit-record.ts';
import { Group } from './group.ts';
import type { Host } from './identity.ts';
import { instantOf } from './instant-of.ts';
import type { GroupEntry } from './journal-entry.ts';
import type { GroupRecord } from './protocol.ts';

/** What the tree needs of its surroundings. */
export interface GroupSurroundings {
  /** Containers in a group or below it. */
  members(group: Group): Container[];
  tell(record: GroupRecord): void;
  tellRemoved(path: string): void;
}

/** Which groups there are: by use, as long as a container is in them, or kept because somebody made them. */
export class GroupTree {
  readonly #host: Host;
  readonly #root: string;
  readonly #around: GroupSurroundings;
  readonly #byPath = new Map<string, Group>();

  /** `root`: the name of the cgroup root. */
  constructor(host: Host, root: string, around: GroupSurroundings) {
    this.#host = host;
    this.#root = root;
    this.#around = around;
  }

  /** Parents before what is in them. */
  get records(): GroupRecord[] {
    return [...this.#byPath.keys()].toSorted().map((path) => this.record(this.get(path)));
  }

  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  get(path: string): Group {
    const group = this.#byPath.get(path);
    if (group === undefined) throw notFound('group', path);
    return group;
  }

  /** Containers in it or below it. */
  members(group: Group): Container[] {
    return this.#around.members(group);
  }

  below(group: Group): Group[] {
    return [...this.#byPath.values()].filter((other) => other !== group && group.holds(other.path));
  }

  /** The outermost frozen group among this one and those that it is in. Null: none is. */
  frozenGroup(path: string): string | null {
    const parts = path.split('/');
    for (let length = 1; length <= parts.length; length++) {
      const one = parts.slice(0, length).join('/');
      if ((this.#byPath.get(one)?.frozenAt ?? null) !== null) return one;
    }
    return null;
  }

  /** The outermost frozen group among those that it is in. Null: none is. */
  frozenAbove({ path }: Group): string | null {
    return path.includes('/') ? this.frozenGroup(path.slice(0, path.lastIndexOf('/'))) : null;
  }

  record(group: Group): GroupRecord {
    return group.record(this.frozenAbove(group));
  }

  tell(group: Group): GroupRecord {
    const record = this.record(group);
    this.#around.tell(record);
    return record;
  }

  /** One that is not in the tree yet. */
  newGroup(path: string): Group {
    return new Group(this.#host.layout, this.#root, path);
  }

  /** With the groups that it is in. */
  add(group: Group): GroupRecord {
    for (const one of group.ancestors) this.#know(one);
    this.#byPath.set(group.path, group);
    return this.tell(group);
  }

  /** A container of this group is being made. */
  use(path: string): void {
    for (const one of [...this.newGroup(path).ancestors, path]) this.#know(one);
  }

  /** One is gone: groups that nobody keeps go with the last. */
  release(path: string): void {
    const group = this.#byPath.get(path);
    if (group === undefined) return;
    for (const one of [...group.ancestors, path].toReversed()) {
      const there = this.#byPath.get(one);
      if (there === undefined || there.kept || this.members(there).length > 0 || this.below(there).length > 0) return;
      this.#forget(there);
    }
  }

  /** Before a start: a group whose cgroup is missing is made again, since its limits would be lost in silence. */
  prepare(path: string): void {
    for (const one of [...this.get(path).ancestors, path]) {
      const group = this.get(one);
      if (group.kept && !group.isThere) group.make();
    }
  }

  /** With what is below it, innermost first. Throws EBUSY where a container came meanwhile. */
  async remove(group: Group): Promise<void> {
    for (const one of [...this.below(group), group].toSorted((a, b) => b.path.length - a.path.length)) {
      if (!this.has(one.path)) continue;
      this.#recordEnd(one);
      removeCgroup(one.cgroup);
      await this.#journalRemoval(one);
      this.#forget(one);
    }
  }

  /** Restores the groups of the journal; a container's own groups come with `use`. */
  restore(entries: readonly GroupEntry[]): void {
    for (const entry of entries) {
      this.use(entry.id);
      this.get(entry.id).restore(entry);
    }
  }

  /** At the beginning: brings kernel and records together. */
  reconcile(): void {
    for (const path of [...this.#byPath.keys()].toSorted()) {
      const group = this.get(path);
      try {
        if (!group.reconcile()) continue;
        const frozen = freezeCgroup(this.#host.kernel.loop, group.cgroup);
        frozen.catch((error: unknown) => complain(`cannot freeze group "${path}"`, error));
      } catch (error) {
        complain(`cannot restore group "${path}"`, error);
      }
    }
  }

  /** Cgroups that stay though nothing runs in them. */
  get cgroupsKept(): string[] {
    return [...this.#byPath.values()]
      .filter(({ kept, frozenAt }) => kept || frozenAt !== null)
      .flatMap(({ cgroup }) => cgroup.lineage);
  }

  /** What groups have counted, before all their cgroups go. */
  recordEnds(): void {
    for (const group of this.#byPath.values()) this.#recordEnd(group);
  }

  #know(path: string): void {
    if (this.#byPath.has(path)) return;
    const group = this.newGroup(path);
    this.#byPath.set(path, group);
    this.tell(group);
  }

  #forget(group: Group): void {
    this.#byPath.delete(group.path);
    this.#recordEnd(group);
    tryRemoveCgroup(group.cgroup);
    this.#around.tellRemoved(group.path);
    if (group.frozenAt !== null && !group.kept) {
      this.#journalRemoval(group).catch((error: unknown) => complain(`cannot record that group "${group.path}" is gone`, error));
    }
  }

  #recordEnd({ path, cgroup }: Group): void {
    const last = readLast(cgroup);
    const identity = cgroupIdentity(cgroup);
    if (last === null || identity === null) return;
    const life = `${this.#host.store.bootId}:${identity}`;
    const clocks = readClocks();
    this.#host.ledger.recordGroupEnd({
      ...{ id: path, life, endedAt: instantOf(clocks), endedBootNs: String(clocks.bootNs) },
      counters: finalCounters(last),
    });
  }

  /** Resolves when it is durable. Rejects where the disk does not take it. */
  async journal(group: Group): Promise<void> {
    await this.#host.late.settle();
    await this.#host.journal.append(group.entry);
    this.#storeWith(group);
  }

  /** Of what is done already: resolves when it is durable, or waits for the disk. */
  async journalLate(group: Group): Promise<void> {
    await this.#host.late.append(group.entry);
    this.#storeWith(group);
  }

  #storeWith(group: Group): void {
    this.#store([...this.#byPath.values().filter(({ path }) => path !== group.path), group]);
  }

  async #journalRemoval({ path }: Group): Promise<void> {
    await this.#host.late.append({ kind: 'group-removed', id: path });
    this.#store([...this.#byPath.values().filter((group) => group.path !== path)]);
  }

  /** What restores the groups where the journal is lost. */
  #store(groups: readonly Group[]): void {
    const kept = groups.filter(({ kept, frozenAt }) => kept || frozenAt !== null);
    try {
      this.#host.store.writeGroups(kept.map(({ entry }) => entry));
    } catch (error) {
      complain('cannot store the groups beside the journal', error);
    }
  }
}
