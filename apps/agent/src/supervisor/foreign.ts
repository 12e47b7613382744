import { existsSync, writeFileSync } from 'node:fs';
import {
  Cgroup,
  freezeCgroup,
  isAskedToFreeze,
  isCgroup,
  isFrozen,
  sendKill,
  thawCgroup,
  untilEmpty,
  walkCgroups,
  type CgroupLayout,
  type EventLoop,
} from '@plimsoll/core';
import { PlimsollError } from '@plimsoll/protocol';
import { foreignFailure } from './foreign-failure.ts';
import { ForeignGuard, type ForeignVerb } from './foreign-guard.ts';
import { actingOn, freezersOf, goneError, v1FreezerOf, type Acting } from './foreign-layout.ts';
import type { ForeignArgs } from './protocol.ts';

/** Cgroups that others made: frozen, thawed and killed, unless they hold what must go on. */
export class Foreign {
  readonly #loop: EventLoop;
  readonly #layout: CgroupLayout;
  readonly #ownRoot: string;
  /** The verb under way of each path; the next one waits for it. */
  readonly #turns = new Map<string, Promise<void>>();

  /** `layout`: all of the host's. `ownRoot`: the name of this Plimsoll's cgroup root. */
  constructor(loop: EventLoop, layout: CgroupLayout, ownRoot: string) {
    this.#loop = loop;
    this.#layout = layout;
    this.#ownRoot = ownRoot;
  }

  /** Resolves when the kernel says that it is frozen; where that does not come about it runs on. */
  freeze(args: ForeignArgs): Promise<void> {
    return this.#inTurn('freeze', args, (guard) => this.#freeze(actingOn(this.#layout, args.path), guard));
  }

  /** Resolves when the kernel says that it is frozen no more, in any hierarchy. */
  thaw(args: ForeignArgs): Promise<void> {
    return this.#inTurn('thaw', args, async (guard) => {
      for (const { cgroup, mount } of freezersOf(this.#layout, args.path)) {
        guard.requireUnguardedIn(mount);
        requireNoFrozenAncestor(cgroup);
        if (isFrozen(cgroup) || isAskedToFreeze(cgroup)) await thawCgroup(this.#loop, cgroup);
      }
    });
  }

  /** Resolves when no process is left in it. */
  kill(args: ForeignArgs): Promise<void> {
    return this.#inTurn('kill', args, async (guard) => {
      const acting = actingOn(this.#layout, args.path);
      const { cgroup, mount } = acting;
      // Without cgroup.kill signals go out one by one: frozen meanwhile, it holds what was looked at, and nothing forks away.
      if (existsSync(cgroup.unifiedFile('cgroup.kill') ?? '')) guard.requireUnguardedIn(mount);
      else await this.#freeze(acting, guard);
      await sendKill(this.#loop, cgroup);
      await this.#releaseFreezers(args.path);
      await untilEmpty(this.#loop, cgroup);
    });
  }

  async #freeze({ cgroup, mount }: Acting, guard: ForeignGuard): Promise<void> {
    guard.requireUnguardedIn(mount);
    await freezeCgroup(this.#loop, cgroup);
    try {
      // Whoever came in between the look and the write is not to be held.
      guard.requireUnguardedIn(mount);
    } catch (error) {
      await thawCgroup(this.#loop, cgroup);
      throw error;
    }
    if (!isCgroup(`${mount}/${cgroup.path}`)) throw goneError(cgroup.path);
  }

  /** What v1's freezer holds takes no signal before it is let go. */
  async #releaseFreezers(path: string): Promise<void> {
    const freezer = v1FreezerOf(this.#layout);
    if (freezer === null) return;
    for (const { path: below } of await walkCgroups(freezer.layout, path)) {
      if (isAskedToFreeze(new Cgroup(freezer.layout, below))) writeFileSync(`${freezer.mount}/${below}/freezer.state`, 'THAWED');
    }
  }

  #inTurn(doing: ForeignVerb, { path, guards }: ForeignArgs, work: (guard: ForeignGuard) => Promise<void>): Promise<void> {
    const before = this.#turns.get(path) ?? Promise.resolve();
    const result = before.then(async () => {
      try {
        const guard = new ForeignGuard(doing, path, guards, this.#ownRoot);
        guard.requireUnguarded();
        await work(guard);
      } catch (error) {
        throw foreignFailure(error, doing, path);
      }
    });
    const turn = result
      .catch(() => {})
      .then(() => {
        if (this.#turns.get(path) === turn) this.#turns.delete(path);
      });
    this.#turns.set(path, turn);
    return result;
  }
}

/** A frozen ancestor holds it, whatever is written to its own files. */
function requireNoFrozenAncestor({ layout, path, lineage }: Cgroup): void {
  const holder = lineage.slice(0, -1).find((above) => isAskedToFreeze(new Cgroup(layout, above)));
  if (holder === undefined) return;
  const message = `cannot thaw cgroup "${path}": it stays frozen as long as "${holder}", above it, is`;
  throw new PlimsollError('wrong-state', message, { hint: `Thaw "${holder}".` });
}
