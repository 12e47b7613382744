import { PlimsollError } from '@plimsoll/protocol';
import { freezeCgroup, isAskedToFreeze, isFrozen, releaseFreeze, thawCgroup } from '@plimsoll/core';
import { complain } from '../complain.ts';
import { FreezeReasons } from './freeze-reasons.ts';
import type { DiskFreeze } from '../protocol.ts';
import type { RuntimeState } from '../store.ts';
import type { Lifecycle } from './lifecycle.ts';

/** What a freezer needs to know of the groups that its container is in. */
export interface GroupsAbove {
  /** The outermost frozen one. */
  frozen(): string | null;
  /** A verb on one of them is under way. */
  areChanging(): boolean;
}

/** Freezes and thaws one container, and keeps its state true to whatever else freezes it: a group, or somebody past Plimsoll. */
export class Freezer {
  readonly reasons: FreezeReasons;
  readonly #lifecycle: Lifecycle;
  readonly #groups: GroupsAbove;

  constructor(lifecycle: Lifecycle, groups: GroupsAbove) {
    this.#lifecycle = lifecycle;
    this.#groups = groups;
    this.reasons = new FreezeReasons(() => groups.frozen());
  }

  /** `because`: for want of space on a file system; a container that is frozen by its own reasons stays as it is. */
  async freeze(because?: DiskFreeze): Promise<void> {
    const { identity } = this.#lifecycle;
    await this.#lifecycle.onceStarted('freeze', async () => {
      this.#lifecycle.require('freeze');
      if (because !== undefined && this.reasons.isOwn) return;
      this.reasons.requireFreezable(this.#lifecycle.name);
      await freezeCgroup(identity.host.kernel.loop, identity.cgroup);
      // It may have ended while the kernel froze it.
      this.#lifecycle.require('freeze');
      if (because === undefined) this.reasons.byUser = true;
      else this.reasons.forDisk = because.fileSystem;
      this.show();
      this.#note();
    });
  }

  /** It runs again, unless its group holds it. */
  async thaw(): Promise<void> {
    const { identity } = this.#lifecycle;
    await this.#lifecycle.onceStarted('thaw', async () => {
      this.#lifecycle.require('thaw');
      this.reasons.requireThawable(this.#lifecycle.name);
      if (this.reasons.byGroup === null) await thawCgroup(identity.host.kernel.loop, identity.cgroup);
      else releaseFreeze(identity.cgroup);
      this.reasons.clearOwn();
      this.show();
      this.#note();
    });
  }

  /** The kernel says that it is frozen, or runs, without a verb on it. */
  changedOutside(frozen: boolean): void {
    void this.#lifecycle
      .inTurn(async () => {
        // The verbs before this one may have been the cause.
        if (isFrozen(this.#lifecycle.identity.cgroup) !== frozen) return;
        // Nor is the verb on its group that is under way: it reports when it is done.
        if (frozen && this.#groups.areChanging()) return;
        if (frozen && this.reasons.list.length === 0) this.reasons.fromOutside = true;
        if (!frozen) this.reasons.clearOwn();
        this.show();
      })
      // `not-found`: it has been removed meanwhile.
      .catch((error: unknown) => {
        if (!(error instanceof PlimsollError)) complain(`the freeze of container "${this.#lifecycle.id}"`, error);
      });
  }

  /** Of a container that the supervisor before left running: the kernel has the freeze, the runtime state since when. */
  adopt({ frozenAt, frozenForDisk }: Pick<RuntimeState, 'frozenAt' | 'frozenForDisk'>): void {
    const { cgroup } = this.#lifecycle.identity;
    const isOwn = isAskedToFreeze(cgroup) && frozenAt !== null;
    this.reasons.byUser = isOwn && frozenForDisk === null;
    this.reasons.forDisk = isOwn ? frozenForDisk : null;
    this.reasons.fromOutside = !isOwn && isFrozen(cgroup) && this.reasons.byGroup === null;
    this.show(frozenAt ?? new Date().toISOString());
  }

  /** Running or frozen, by the reasons that there are now. */
  show(since = new Date().toISOString()): void {
    const { state } = this.#lifecycle;
    const shown = this.reasons.show(state, since);
    if (shown !== state) this.#lifecycle.become(shown);
  }

  /** For the supervisor after this one. */
  #note(): void {
    const { id, identity, state } = this.#lifecycle;
    const { store } = identity.host;
    const { byUser, forDisk } = this.reasons;
    const frozenAt = (byUser || forDisk !== null) && state.status === 'frozen' ? state.frozenAt : null;
    const runtime = store.readRuntimeState(id);
    if (runtime !== null) store.noteRuntimeState(id, { ...runtime, frozenAt, frozenForDisk: forDisk });
  }
}
