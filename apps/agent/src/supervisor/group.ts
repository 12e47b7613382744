import { Cgroup, DEFAULT_DEVICE_RULES, ensureCgroup, isAskedToFreeze, updateCgroup, type LimitAnswer } from '@plimsoll/core';
import { changedLimits, PlimsollError, type Limits, type LimitsChange } from '@plimsoll/protocol';
import { existsSync } from 'node:fs';
import { resourcesForChange, resourcesOf } from '../resources.ts';
import type { GroupEntry } from './journal-entry.ts';
import { limitFailure } from './limit-failure.ts';
import type { GroupRecord } from './protocol.ts';

/** A group: what is known of it, and its cgroup. */
export class Group {
  readonly path: string;
  readonly cgroup: Cgroup;
  displayName: string | null = null;
  limits: Limits = {};
  /** Somebody made, named or limited it: it stays when nothing is in it. */
  kept = false;
  createdAt = new Date().toISOString();
  frozenAt: string | null = null;
  /** With what a newer version has added to it. */
  #stored: Partial<GroupEntry> = {};

  constructor(layout: Cgroup['layout'], root: string, path: string) {
    this.path = path;
    this.cgroup = new Cgroup(layout, `${root}/${path}`);
  }

  restore(entry: GroupEntry): void {
    const { displayName, limits, kept, createdAt, frozenAt } = entry;
    this.#stored = entry;
    Object.assign(this, { displayName, limits, kept, createdAt, frozenAt });
  }

  /** What the journal keeps of it. */
  get entry(): GroupEntry {
    const { path, displayName, limits, kept, createdAt, frozenAt } = this;
    return { ...this.#stored, kind: 'group', id: path, displayName, limits, kept, createdAt, frozenAt };
  }

  record(frozenBy: string | null): GroupRecord {
    const { path, cgroup, displayName, limits, kept, createdAt, frozenAt } = this;
    return { path, cgroup: cgroup.path, displayName, limits, kept, createdAt, frozenAt, frozenBy };
  }

  /** The paths of those that it is in, outermost first. */
  get ancestors(): string[] {
    const parts = this.path.split('/');
    return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/'));
  }

  holds(path: string): boolean {
    return path === this.path || path.startsWith(`${this.path}/`);
  }

  /** Whether there is a cgroup of it; a group is made with its first start, a restart of the host takes it away. */
  get isThere(): boolean {
    return this.cgroup.mounts.every((mount) => existsSync(`${mount}/${this.cgroup.path}`));
  }

  /** Makes its cgroup with its limits. Throws where the kernel refuses them. */
  make(): void {
    ensureCgroup(this.cgroup, DEFAULT_DEVICE_RULES);
    updateCgroup(this.cgroup, resourcesOf(this.limits));
  }

  /** Changes its limits in the kernel, and then in the record. */
  limit(change: LimitsChange): LimitAnswer[] {
    const resources = resourcesForChange(this.limits, change);
    try {
      const answers = updateCgroup(this.cgroup, resources);
      this.limits = changedLimits(this.limits, change);
      return answers;
    } catch (cause) {
      throw limitFailure(`group "${this.path}"`, cause);
    }
  }

  /** What the kernel was asked for, whatever the record says. */
  get isAskedToFreeze(): boolean {
    return isAskedToFreeze(this.cgroup);
  }

  /**
   * Brings kernel and record together: after a restart of the host the record holds, after one of this process the kernel's
   * freeze and the record's limits. True: it is to be frozen again.
   */
  reconcile(): boolean {
    if (!this.isThere) {
      if (this.kept || this.frozenAt !== null) this.make();
      return this.frozenAt !== null;
    }
    updateCgroup(this.cgroup, resourcesOf(this.limits));
    if (!this.isAskedToFreeze) this.frozenAt = null;
    else this.frozenAt ??= new Date().toISOString();
    return false;
  }

  requireFrozen(frozenBy: string | null): void {
    if (this.frozenAt !== null || this.isAskedToFreeze) return;
    throw frozenBy === null
      ? new PlimsollError('wrong-state', `group "${this.path}" is not frozen`, { hint: 'Only a frozen group can be thawed.' })
      : new PlimsollError('wrong-state', `group "${this.path}" is held frozen by group "${frozenBy}"`, {
          hint: `Thaw that one: \`plimsoll group thaw ${frozenBy}\`.`,
        });
  }
}
