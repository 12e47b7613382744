import { freezeCgroup, releaseFreeze, sendKill, thawCgroup, tryRemoveCgroup, untilEmpty, type LimitAnswer } from '@plimsoll/core';
import { changeBack, PlimsollError, type ChangeGroup, type CreateGroup } from '@plimsoll/protocol';
import type { Container } from './container/container.ts';
import type { Group } from './group.ts';
import type { GroupTree } from './group-tree.ts';
import type { Host } from './identity.ts';
import { outermostGroup } from './outermost-group.ts';
import type { GroupRecord } from './protocol.ts';

/** The verbs on groups: each acts once, on the group's cgroup, for all that is in it. */
export class Groups {
  readonly #host: Host;
  readonly #tree: GroupTree;
  readonly #removeContainer: (container: Container) => Promise<void>;
  /** The verb under way, by outermost group: what is in one tree happens one after another. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(host: Host, tree: GroupTree, removeContainer: (container: Container) => Promise<void>) {
    this.#host = host;
    this.#tree = tree;
    this.#removeContainer = removeContainer;
  }

  /** Parents before what is in them. */
  get records(): GroupRecord[] {
    return this.#tree.records;
  }

  record(path: string): GroupRecord | undefined {
    return this.#tree.has(path) ? this.#tree.record(this.#tree.get(path)) : undefined;
  }

  /** A verb on it, or on one that it shares a tree with, is under way. */
  isChanging(path: string): boolean {
    return this.#turns.has(outermostGroup(path));
  }

  async create({ group: path, displayName, limits }: CreateGroup): Promise<GroupRecord> {
    return await this.#inTurn(path, async () => {
      if (this.#tree.has(path)) {
        throw new PlimsollError('conflict', `there is a group "${path}" already`, {
          hint: 'Change it with `plimsoll group set`.',
        });
      }
      const group = this.#tree.newGroup(path);
      Object.assign(group, { displayName: displayName ?? null, kept: true });
      try {
        group.make();
        group.limit(limits);
        await this.#tree.journal(group);
      } catch (error) {
        tryRemoveCgroup(group.cgroup);
        throw error;
      }
      return this.#tree.add(group);
    });
  }

  async set({ group: path, displayName, limits }: ChangeGroup): Promise<{ group: GroupRecord; kernel: LimitAnswer[] }> {
    return await this.#inTurn(path, async () => {
      const group = this.#tree.get(path);
      if (!group.isThere) group.make();
      const { displayName: nameBefore, limits: limitsBefore, kept } = group;
      const kernel = group.limit(limits);
      if (displayName !== undefined) group.displayName = displayName;
      group.kept = true;
      try {
        await this.#tree.journal(group);
      } catch (error) {
        group.limit(changeBack(limitsBefore, limits));
        Object.assign(group, { displayName: nameBefore, kept });
        throw error;
      }
      return { group: this.#tree.tell(group), kernel };
    });
  }

  async freeze(path: string): Promise<GroupRecord> {
    return await this.#inTurn(path, async () => {
      const group = this.#tree.get(path);
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
      const group = this.#tree.get(path);
      const above = this.#tree.frozenAbove(group);
      group.requireFrozen(above);
      if (above === null && group.isThere) await thawCgroup(this.#host.kernel.loop, group.cgroup);
      else if (group.isThere) releaseFreeze(group.cgroup);
      return await this.#becomeFrozen(group, null);
    });
  }

  /** Resolves when no process is left, and each container's end is on disk. A start that comes between is ended too. */
  async kill(path: string): Promise<{ group: GroupRecord; killed: number }> {
    return await this.#inTurn(path, async () => {
      const group = this.#tree.get(path);
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
      return { group: this.#tree.record(group), killed: killed.size };
    });
  }

  /** By force with all that is in it. */
  async remove(path: string, force: boolean): Promise<void> {
    const group = this.#tree.get(path);
    const members = this.#tree.members(group);
    const below = this.#tree.below(group);
    if (!force && members.length + below.length > 0) {
      const holds = [counted(members.length, 'container'), counted(below.length, 'group')].filter(Boolean).join(' and ');
      throw new PlimsollError('wrong-state', `group "${path}" holds ${holds}`, {
        hint: 'Remove them first, or remove the group by force.',
      });
    }
    if (force) await this.kill(path);
    for (const container of this.#tree.members(group)) await this.#removeContainer(container);
    await this.#inTurn(path, () => this.#tree.remove(group));
    const parent = group.ancestors.at(-1);
    if (parent !== undefined) this.#tree.release(parent);
  }

  /** Incarnations of the containers in it that are alive, by id. */
  alive(path: string): Record<string, number> {
    if (!this.#tree.has(path)) return {};
    return Object.fromEntries(this.#alive(this.#tree.get(path)).map(({ record }) => [record.id, record.incarnation]));
  }

  async #becomeFrozen(group: Group, frozenAt: string | null): Promise<GroupRecord> {
    group.frozenAt = frozenAt;
    for (const below of this.#tree.below(group)) this.#tree.tell(below);
    for (const container of this.#tree.members(group)) container.groupChanged();
    const record = this.#tree.tell(group);
    await this.#tree.journalLate(group);
    return record;
  }

  #alive(group: Group): Container[] {
    return this.#tree.members(group).filter((container) => container.isAlive);
  }

  #inTurn<T>(path: string, verb: () => Promise<T>): Promise<T> {
    const tree = outermostGroup(path);
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

function counted(number: number, what: string): string {
  return number === 0 ? '' : `${number} ${what}${number === 1 ? '' : 's'}`;
}
