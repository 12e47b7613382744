import {
  cgroupIdentity,
  freezeCgroup,
  readLast,
  releaseFreeze,
  removeCgroup,
  sendKill,
  thawCgroup,
  tryRemoveCgroup,
  untilEmpty,
  type LimitAnswer,
} from '@plimsoll/core';
import { PlimsollError, type ChangeGroup, type CreateGroup } from '@plimsoll/protocol';
import { complain } from './complain.ts';
import type { Container } from './container.ts';
import { finalCounters } from './exit-record.ts';
import { Group } from './group.ts';
import type { Host } from './incarnation.ts';
import type { GroupEntry } from './journal-entry.ts';
import type { GroupRecord } from './protocol.ts';

/** What groups need of their surroundings. */
export interface GroupSurroundings {
  /** Containers in a group or below it. */
  members(group: Group): Container[];
  remove(container: Container): Promise<void>;
  tell(record: GroupRecord): void;
  tellRemoved(path: string): void;
}

/** Every group: made by use or by somebody, each one cgroup, on which a verb for all of it acts once. */
export class Groups {
  readonly #host: Host;
  readonly #root: string;
  readonly #around: GroupSurroundings;
  readonly #byPath = new Map<string, Group>();
  /** The verb under way, by outermost group: what is in one tree happens one after another. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(host: Host, root: string, around: GroupSurroundings) {
    this.#host = host;
    this.#root = root;
    this.#around = around;
  }

  /** Parents before what is in them. */
  get records(): GroupRecord[] {
    return [...this.#byPath.keys()].toSorted().map((path) => this.#record(this.get(path)));
  }

  get(path: string): Group {
    const group = this.#byPath.get(path);
    if (group === undefined) throw new PlimsollError('not-found', `there is no group "${path}"`);
    return group;
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

  /** A verb on it, or on one that it shares a tree with, is under way. */
  isChanging(path: string): boolean {
    return this.#turns.has(outermost(path));
  }

  /** A container of this group is being made. */
  use(path: string): void {
    for (const one of [...new Group(this.#host.layout, this.#root, path).ancestors, path]) this.#know(one);
  }

  /** One is gone: groups that nobody keeps go with the last. */
  release(path: string): void {
    const group = this.#byPath.get(path);
    if (group === undefined) return;
    for (const one of [...group.ancestors, path].toReversed()) {
      const there = this.#byPath.get(one);
      if (there === undefined || there.kept || this.#around.members(there).length > 0 || this.#below(there).length > 0) return;
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

  async create({ group: path, displayName, limits }: CreateGroup): Promise<GroupRecord> {
    return await this.#inTurn(path, async () => {
      if (this.#byPath.has(path)) {
        throw new PlimsollError('conflict', `there is a group "${path}" already`, { hint: 'Change it with plimsoll group set.' });
      }
      const group = new Group(this.#host.layout, this.#root, path);
      Object.assign(group, { displayName: displayName ?? null, kept: true });
      try {
        group.make();
        group.limit(limits);
        await this.#host.journal.append(group.entry);
      } catch (error) {
        tryRemoveCgroup(group.cgroup);
        throw error;
      }
      for (const one of group.ancestors) this.#know(one);
      this.#byPath.set(path, group);
      return this.#tell(group);
    });
  }

  async set({ group: path, displayName, limits }: ChangeGroup): Promise<{ group: GroupRecord; kernel: LimitAnswer[] }> {
    return await this.#inTurn(path, async () => {
      const group = this.get(path);
      if (!group.isThere) group.make();
      const kernel = group.limit(limits);
      if (displayName !== undefined) group.displayName = displayName;
      group.kept = true;
      await this.#host.journal.append(group.entry);
      return { group: this.#tell(group), kernel };
    });
  }

  async freeze(path: string): Promise<GroupRecord> {
    return await this.#inTurn(path, async () => {
      const group = this.get(path);
      if (group.frozenAt !== null) {
        throw new PlimsollError('wrong-state', `group "${path}" is frozen already`, { hint: 'Thaw it first.' });
      }
      if (!group.isThere) group.make();
      await freezeCgroup(this.#host.kernel.loop, group.cgroup);
      return await this.#becomeFrozen(group, new Date().toISOString());
    });
  }

  /** It runs again, but for what is frozen itself or by a group above. */
  async thaw(path: string): Promise<GroupRecord> {
    return await this.#inTurn(path, async () => {
      const group = this.get(path);
      const above = this.#frozenAbove(group);
      group.requireFrozen(above);
      if (above === null && group.isThere) await thawCgroup(this.#host.kernel.loop, group.cgroup);
      else if (group.isThere) releaseFreeze(group.cgroup);
      return await this.#becomeFrozen(group, null);
    });
  }

  /** Resolves when no process is left, and each container's end is on disk. A start that comes between is ended too. */
  async kill(path: string): Promise<{ group: GroupRecord; killed: number }> {
    return await this.#inTurn(path, async () => {
      const group = this.get(path);
      const killed = new Set<Container>();
      for (let alive = this.#alive(group); alive.length > 0; alive = this.#alive(group)) {
        for (const container of alive) {
          killed.add(container);
          container.expectEnd();
        }
        if (group.isThere) {
          await sendKill(this.#host.kernel.loop, group.cgroup);
          await untilEmpty(this.#host.kernel.loop, group.cgroup);
        }
        // A start that was under way may have come after the kill.
        const starting = alive.filter(({ status }) => status === 'starting');
        await Promise.all(starting.map((container) => container.kill().catch(() => {})));
        await Promise.all(alive.map((container) => container.ended()));
      }
      // Pure v1 thaws what it kills.
      if (group.frozenAt !== null && group.isThere) await freezeCgroup(this.#host.kernel.loop, group.cgroup);
      return { group: this.#record(group), killed: killed.size };
    });
  }

  /** By force with all that is in it. */
  async remove(path: string, force: boolean): Promise<void> {
    const group = this.get(path);
    const members = this.#around.members(group);
    const below = this.#below(group);
    if (!force && members.length + below.length > 0) {
      const holds = [counted(members.length, 'container'), counted(below.length, 'group')].filter(Boolean).join(' and ');
      throw new PlimsollError('wrong-state', `group "${path}" holds ${holds}`, {
        hint: 'Remove them first, or remove the group by force.',
      });
    }
    if (force) await this.kill(path);
    for (const container of this.#around.members(group)) await this.#around.remove(container);
    await this.#inTurn(path, async () => {
      for (const one of [...this.#below(group), group].toSorted((a, b) => b.path.length - a.path.length)) {
        if (!this.#byPath.has(one.path)) continue;
        this.#recordEnd(one);
        // EBUSY: a container came meanwhile.
        removeCgroup(one.cgroup);
        await this.#journalRemoval(one);
        this.#forget(one);
      }
    });
    const parent = group.ancestors.at(-1);
    if (parent !== undefined) this.release(parent);
  }

  /** What the journal tells of before; a container's own groups come with `use`. */
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

  async #becomeFrozen(group: Group, frozenAt: string | null): Promise<GroupRecord> {
    group.frozenAt = frozenAt;
    for (const below of this.#below(group)) this.#tell(below);
    for (const container of this.#around.members(group)) container.groupChanged();
    const record = this.#tell(group);
    await this.#host.journal.append(group.entry);
    return record;
  }

  #alive(group: Group): Container[] {
    return this.#around.members(group).filter((container) => container.isAlive);
  }

  #below(group: Group): Group[] {
    return [...this.#byPath.values()].filter((other) => other !== group && group.holds(other.path));
  }

  #frozenAbove({ path }: Group): string | null {
    return path.includes('/') ? this.frozenGroup(path.slice(0, path.lastIndexOf('/'))) : null;
  }

  #record(group: Group): GroupRecord {
    return group.record(this.#frozenAbove(group));
  }

  #tell(group: Group): GroupRecord {
    const record = this.#record(group);
    this.#around.tell(record);
    return record;
  }

  #know(path: string): void {
    if (this.#byPath.has(path)) return;
    const group = new Group(this.#host.layout, this.#root, path);
    this.#byPath.set(path, group);
    this.#tell(group);
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

  /** What groups have counted, before all their cgroups go. */
  recordEnds(): void {
    for (const group of this.#byPath.values()) this.#recordEnd(group);
  }

  #recordEnd({ path, cgroup }: Group): void {
    const last = readLast(cgroup);
    const identity = cgroupIdentity(cgroup);
    if (last === null || identity === null) return;
    const life = `${this.#host.store.bootId}:${identity}`;
    this.#host.ledger.recordGroupEnd({
      ...{ id: path, life, endedAt: new Date().toISOString() },
      counters: finalCounters(last),
    });
  }

  async #journalRemoval({ path }: Group): Promise<void> {
    await this.#host.journal.append({ kind: 'group-removed', id: path });
  }

  #inTurn<T>(path: string, verb: () => Promise<T>): Promise<T> {
    const tree = outermost(path);
    const result = (this.#turns.get(tree) ?? Promise.resolve()).then(verb);
    const settled = result
      .catch(() => {})
      .then(() => {
        if (this.#turns.get(tree) === settled) this.#turns.delete(tree);
      });
    this.#turns.set(tree, settled);
    return result;
  }
}

function outermost(path: string): string {
  return path.split('/', 1)[0] ?? path;
}

function counted(number: number, what: string): string {
  return number === 0 ? '' : `${number} ${what}${number === 1 ? '' : 's'}`;
}
